package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R6;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.BpfException;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.BpfSockAddr;
import io.github.purebpf.uapi.MapType;
import org.junit.jupiter.api.Test;

/** Programs that are linked with others: functions, globals in an array, tail calls. */
@RequiresKernel
@NoLeakedFds
class LinkedCodeIT {
  private static final MapRef GLOBALS = new MapRef("globals");
  private static final MapRef PROGRAMS = new MapRef("programs");

  @Test
  void aGlobalIsAnOffsetIntoAnArray() {
    try (var globals = BpfMap.create(MapSpec.array(GLOBALS, Codec.bytes(16), 1))) {
      BpfProgram.load(ProgramSpec.connect4("global", readingGlobal(8)), globals).close();
    }
  }

  @Test
  void aGlobalBehindTheArrayIsRefused() {
    try (var globals = BpfMap.create(MapSpec.array(GLOBALS, Codec.bytes(16), 1))) {
      var spec = ProgramSpec.connect4("global", readingGlobal(16));
      var refused = assertThrows(BpfException.class, () -> BpfProgram.load(spec, globals));
      assertTrue(refused.getMessage().contains("map value"), refused.getMessage());
    }
  }

  private static BpfCode readingGlobal(int offset) {
    return BpfCode.build(
        b -> b.addressOfGlobal(R1, GLOBALS, offset).ldxdw(R1, R1.at(0)).returning(1));
  }

  @Test
  void aTailCallGoesThroughAProgramArray() {
    var spec = new MapSpec<>(PROGRAMS, MapType.PROG_ARRAY, Codec.u32(), Codec.u32(), 4, 0);
    try (var programs = BpfMap.create(spec)) {
      var code =
          BpfCode.build(
              b -> {
                b.keepContext(R6, BpfSockAddr.class);
                b.tailCall(R6, PROGRAMS, 2).returning(1);
              });
      BpfProgram.load(ProgramSpec.connect4("tail", code), programs).close();
    }
  }

  @Test
  void aFunctionIsCalled() {
    var code =
        BpfCode.build(
            b -> {
              var proceed = b.newFunction("proceed");
              b.mov(R1, 1).call(proceed).and(R0, 1).exit();
              b.function(proceed, f -> f.mov(R0, R1).exit());
            });
    BpfProgram.load(ProgramSpec.connect4("function", code)).close();
  }
}
