package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R3;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.Bpftool;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.ProgramType;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

@RequiresKernel
@NoLeakedFds
class ProgramArrayIT {
  private static final MapRef NAME = new MapRef("it_jumps");

  private static ProgramSpec spec(ProgramType type, BpfCode code) {
    return new ProgramSpec("p", type, Optional.empty(), code, "GPL", 0);
  }

  private static ProgramSpec returning(int number) {
    return spec(ProgramType.SOCKET_FILTER, BpfCode.build(b -> b.mov(R0, number).exit()));
  }

  /** Jumps to program 1, and returns 5 if there is none. */
  private static final ProgramSpec JUMP =
      spec(
          ProgramType.SOCKET_FILTER,
          BpfCode.build(b -> b.lddw(R2, NAME).mov(R3, 1).call(Helper.TAIL_CALL).mov(R0, 5).exit()));

  private static int run(BpfProgram program) {
    return program.testRun(TestRun.skb(new byte[64])).returnValue();
  }

  @Test
  void aProgramJumpsToTheOneThatIsIn() {
    try (var array = ProgramArray.create(NAME, 2);
        var jump = BpfProgram.load(JUMP, array);
        var six = BpfProgram.load(returning(6));
        var seven = BpfProgram.load(returning(7))) {
      assertEquals(5, run(jump));
      array.put(1, six);
      assertEquals(6, run(jump));
      assertEquals(OptionalInt.of(six.id()), array.id(1));
      array.put(1, seven);
      assertEquals(7, run(jump));
      assertTrue(array.remove(1));
      assertFalse(array.remove(1));
      assertEquals(5, run(jump));
      assertEquals(OptionalInt.empty(), array.id(1));
    }
  }

  @Test
  void aProgramStaysInWhenItsDescriptorIsClosed() {
    try (var array = ProgramArray.create(NAME, 2);
        var jump = BpfProgram.load(JUMP, array)) {
      try (var six = BpfProgram.load(returning(6))) {
        array.put(1, six);
      }
      assertEquals(6, run(jump));
    }
  }

  @Test
  void programsOfAnotherTypeAreRefused() {
    try (var array = ProgramArray.create(NAME, 2);
        var filter = BpfProgram.load(returning(1));
        var xdp = BpfProgram.load(spec(ProgramType.XDP, BpfCode.build(b -> b.mov(R0, 2).exit())))) {
      array.put(0, filter);
      var e = assertThrows(KernelErrorException.class, () -> array.put(1, xdp));
      assertEquals("EINVAL", e.errnoName());
      assertTrue(e.getMessage().contains("the program is of another type"), e.getMessage());
      var outside = assertThrows(KernelErrorException.class, () -> array.put(2, filter));
      assertTrue(outside.getMessage().endsWith("outside 0 to 1"), outside.getMessage());
    }
  }

  @Test
  void othersSeeTheIdsOfThePrograms() {
    try (var fs = BpfFs.mountDetached();
        var array = ProgramArray.create(NAME, 2);
        var six = BpfProgram.load(returning(6))) {
      var pin = fs.path().resolve("jumps");
      array.pin(pin);
      var id = Integer.toString(array.id());
      var program = Integer.toString(six.id());
      Bpftool.run("map", "update", "id", id, "key", "1", "0", "0", "0", "value", "id", program);
      try (var again = ProgramArray.openPinned(pin, NAME, 2)) {
        assertEquals(OptionalInt.of(six.id()), again.id(1));
      }
      var shown = Bpftool.run("-j", "map", "show", "id", id);
      assertTrue(shown.contains("\"type\":\"prog_array\""), shown);
      assertTrue(shown.contains("\"owner_prog_type\":\"socket_filter\""), shown);
    }
  }
}
