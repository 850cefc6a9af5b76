package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.VerifierException;
import io.github.purebpf.insn.Mem;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.SourceLine;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.ProgramFlags;
import io.github.purebpf.uapi.ProgramType;
import java.util.Optional;
import org.junit.jupiter.api.Test;

@RequiresKernel
@NoLeakedFds
class BpfProgramIT {
  private static BpfProgram load(BpfCode code, BpfMap<?, ?>... maps) {
    return BpfProgram.load(ProgramSpec.connect4("it_program", code), maps);
  }

  @Test
  void theRedirectingProgramOfThirteenSlotsLoads() {
    assertEquals(13, Fixtures.REDIRECT.slots());
    try (var map = BpfMap.create(Fixtures.SERVICES_SPEC);
        var program = load(Fixtures.REDIRECT, map)) {
      assertTrue(program.id() > 0);
    }
  }

  @Test
  void aProgramOutlivesTheDescriptorsOfItsMaps() {
    var map = BpfMap.create(Fixtures.SERVICES_SPEC);
    try (var program = load(Fixtures.REDIRECT, map)) {
      map.close();
      assertTrue(program.id() > 0);
    }
  }

  @Test
  void aRejectionNamesTheReasonTheJavaLineAndTheInstruction() {
    var line = new SourceLine[1];
    var code =
        BpfCode.build(
            b -> {
              var key = b.stackSlot(MemSize.W);
              b.store(key, 1).mapLookup(Fixtures.SERVICES, key);
              line[0] = here();
              b.ldxw(R1, new Mem(R0, 0));
              b.returning(1);
            });
    try (var map = BpfMap.create(Fixtures.SERVICES_SPEC)) {
      var e = assertThrows(VerifierException.class, () -> load(code, map));
      var expected = new SourceLine(line[0].file(), line[0].line() + 1);
      assertEquals("EACCES", e.errnoName());
      assertEquals(expected, e.sourceLine().orElseThrow());
      assertTrue(e.summary().contains("R0 invalid mem access"), e.summary());
      assertTrue(e.log().contains("(85) call bpf_map_lookup_elem#1"), e.log());
      assertEquals(
          "the verifier rejected program it_program (EACCES): %s; at %s, slot 6: (61) %s; hint: %s"
              .formatted(
                  e.summary(),
                  expected,
                  "r1 = *(u32 *)(r0 +0)",
                  "r0 may be null: use it inside ifNonNull(r0, …) only"),
          e.getMessage());
    }
  }

  private static SourceLine here() {
    return StackWalker.getInstance()
        .walk(frames -> frames.skip(1).findFirst())
        .map(frame -> new SourceLine(frame.getFileName(), frame.getLineNumber()))
        .orElseThrow();
  }

  @Test
  void aWrongResultIsRejected() {
    var e =
        assertThrows(VerifierException.class, () -> load(BpfCode.build(b -> b.mov(R0, 2).exit())));
    assertTrue(e.summary().contains("R0"), e.summary());
    assertTrue(e.getMessage().contains("slot 1: (95) exit"), e.getMessage());
  }

  @Test
  void aLongLogIsKeptWhole() {
    var code =
        BpfCode.build(
            b -> {
              for (int i = 0; i < 3000; i++) {
                b.mov(R2, i);
              }
              b.exit();
            });
    var e = assertThrows(VerifierException.class, () -> load(code));
    assertTrue(e.log().length() > 65536, "length: " + e.log().length());
    assertTrue(e.log().contains("\n0: (b7) r2 = 0 "), "the beginning is there");
    assertTrue(e.log().contains("3000: (95) exit"), "and the end");
    assertEquals("R0 !read_ok", e.summary());
  }

  @Test
  void aLogOfMegabytesIsKeptWhole() {
    var code =
        BpfCode.build(
            b -> {
              b.counted(R2, 12_000, body -> body.mov(R1, 7));
              b.exit();
            });
    var options = LoadOptions.DEFAULT.withLog(LoadOptions.LogLevel.LEVEL2);
    var spec = ProgramSpec.connect4("it_program", code);
    var e = assertThrows(VerifierException.class, () -> BpfProgram.load(spec, options));
    assertTrue(e.log().length() > 2_000_000, "length: " + e.log().length());
    assertEquals(12_000, e.log().split("\\(b7\\) r1 = 7 ", -1).length - 1, "each round is there");
    assertTrue(e.log().contains("0: (b7) r2 = 0"), "the beginning is there");
    assertTrue(e.log().contains("processed "), "and the end");
    assertEquals("R0 !read_ok", e.summary());
  }

  @Test
  void theLogOfAnAcceptedProgramIsGivenOnRequest() {
    var spec = ProgramSpec.connect4("it_program", Fixtures.PASS);
    for (var level : LoadOptions.LogLevel.values()) {
      try (var program = BpfProgram.load(spec, LoadOptions.DEFAULT.withLog(level))) {
        switch (level) {
          case NONE -> assertEquals("", program.log());
          case LEVEL1, STATS -> assertTrue(program.log().contains("processed 2"), program.log());
          case LEVEL2 -> assertTrue(program.log().contains("1: (95) exit"), program.log());
        }
      }
    }
  }

  @Test
  void anInterfaceThatIsNotThereIsRefused() {
    var spec =
        new ProgramSpec(
            "it_program",
            ProgramType.XDP,
            Optional.empty(),
            Fixtures.PASS,
            "GPL",
            ProgramFlags.XDP_DEV_BOUND_ONLY);
    var options = LoadOptions.DEFAULT.withInterface(999_999);
    var e = assertThrows(KernelErrorException.class, () -> BpfProgram.load(spec, options));
    assertEquals("EINVAL", e.errnoName());
    assertTrue(e.getMessage().contains("interface 999999"), e.getMessage());
  }

  @Test
  void aWrongCombinationWithoutALogIsExplained() {
    var spec = ProgramSpec.connect4("it_program", Fixtures.PASS).withFlags(1 << 30);
    var e = assertThrows(KernelErrorException.class, () -> BpfProgram.load(spec));
    assertEquals("EINVAL", e.errnoName());
    assertTrue(e.getMessage().contains("flags 0x40000000"), e.getMessage());
  }

  @Test
  void helpersOfTheGplNeedItsLicense() {
    var code =
        BpfCode.build(
            b -> {
              var format = b.stackSlot(MemSize.W);
              b.store(format, 'x').addressOf(R1, format).mov(R2, 4);
              b.call(Helper.TRACE_PRINTK).returning(1);
            });
    var e = assertThrows(VerifierException.class, () -> load(code));
    assertTrue(e.summary().contains("GPL"), e.summary());
    BpfProgram.load(ProgramSpec.connect4("it_program", code).withLicense("GPL")).close();
  }
}
