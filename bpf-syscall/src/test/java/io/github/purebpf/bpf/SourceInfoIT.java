package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R6;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.Arg;
import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.SourceLines;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.VerifierException;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.BpfProgInfo;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.Kfunc;
import io.github.purebpf.insn.KfuncCall;
import io.github.purebpf.insn.Mem;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.testkit.Bpftool;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.text.AsmText;
import io.github.purebpf.text.Dialect;
import io.github.purebpf.uapi.BpfSockAddr;
import io.github.purebpf.uapi.ProgramType;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The kernel and its tools show the Java lines; what depends on the functions' BTF works. */
@RequiresKernel
@NoLeakedFds
class SourceInfoIT {
  private static final String FILE = "SourceInfoIT.java";

  private static int firstLine;

  /** One DSL call a line, beginning at {@link #firstLine}. */
  private static final BpfCode REDIRECT =
      BpfCode.build(
          b -> {
            var key = b.stackSlot(MemSize.W);
            firstLine = here() + 1;
            b.mov(R6, R1);
            b.ldxw(R2, R6.at(BpfSockAddr.USER_IP4));
            b.store(key, R2);
            b.mapLookup(Fixtures.SERVICES, key);
            b.ifNonNull(R0, hit -> hit.ldxw(R1, new Mem(R0, 0)));
            b.mov(R0, 1);
            b.exit();
          });

  private static final int LINES = 7;

  private static int here() {
    return StackWalker.getInstance()
        .walk(frames -> frames.skip(1).findFirst().orElseThrow().getLineNumber());
  }

  private static List<Integer> lines() {
    return IntStream.range(firstLine, firstLine + LINES).boxed().toList();
  }

  private static int btfId(BpfProgram program) {
    try (var arena = Arena.ofConfined()) {
      return program
          .info(arena, BpfProgInfo.BTF_ID + Integer.BYTES)
          .get(ValueLayout.JAVA_INT, BpfProgInfo.BTF_ID);
    }
  }

  private static ProgramSpec classifier(BpfCode code) {
    return new ProgramSpec("it_source", ProgramType.SCHED_CLS, Optional.empty(), code, "GPL", 0);
  }

  @Test
  void theVerifierShowsTheJavaLineOfEachCall() {
    var logging = new LoggingKernel();
    try (var map = BpfMap.create(Fixtures.SERVICES_SPEC);
        var _ =
            BpfProgram.load(logging.kernel(), ProgramSpec.connect4("it_source", REDIRECT), map)) {
      String log = logging.log();
      lines().forEach(line -> assertTrue(log.contains(" @ " + FILE + ":" + line + "\n"), log));
      assertTrue(log.contains("; r6 = r1 @ " + FILE), log);
    }
  }

  @Test
  void bpftoolShowsTheJavaLineOfEachCall() {
    try (var map = BpfMap.create(Fixtures.SERVICES_SPEC);
        var program = BpfProgram.load(ProgramSpec.connect4("it_source", REDIRECT), map)) {
      String dump =
          Bpftool.run("prog", "dump", "xlated", "id", Integer.toString(program.id()), "linum");
      lines()
          .forEach(
              line -> assertTrue(dump.contains("[file:" + FILE + " line_num:" + line + " "), dump));
      assertTrue(dump.contains("int it_source("), dump);
      assertTrue(dump.contains("; r1 = map[services] [file:"), dump);
    }
  }

  @Test
  void aRejectionNamesTheLineOfAnAssemblerText() {
    var code = AsmText.parse("entry:\n  r0 = r6 // unset\n  exit\n", "broken.s", Dialect.KERNEL);
    var e = assertThrows(VerifierException.class, () -> BpfProgram.load(classifier(code)));
    assertEquals("broken.s:2", e.sourceLine().orElseThrow().toString());
    assertTrue(e.log().contains("; r0 = r6 // unset @ broken.s:2\n"), e.log());
    assertTrue(e.getMessage().contains("at broken.s:2, slot 0: (bf) r0 = r6"), e.getMessage());
    assertEquals("R6 !read_ok", e.summary());
  }

  @Test
  void sourceInfoCanBeLeftOut() {
    var spec = ProgramSpec.connect4("it_source", Fixtures.PASS);
    try (var with = BpfProgram.load(spec);
        var without = BpfProgram.load(spec.withoutSourceInfo())) {
      assertTrue(btfId(with) > 0);
      assertEquals(0, btfId(without));
    }
  }

  @Test
  void functionsAreNamedWithoutAnyLine() {
    var code = BpfCode.build(SourceLines.OMITTED, b -> b.mov(R0, 0).exit());
    try (var program = BpfProgram.load(classifier(code))) {
      assertTrue(btfId(program) > 0);
      String dump = Bpftool.run("prog", "dump", "xlated", "id", Integer.toString(program.id()));
      assertTrue(dump.contains("int it_source("), dump);
      assertFalse(dump.contains(FILE), dump);
    }
  }

  @Test
  void thisKernelTakesSourceInfo() {
    assertTrue(SourceInfo.isSupported(Kernel.running()));
  }

  @Test
  void anUncalledFunctionIsTheVerifiersToRefuse() {
    var code =
        BpfCode.build(
            b -> {
              b.returning(0);
              b.function(b.newFunction("unused"), f -> f.returning(0));
            });
    var e = assertThrows(VerifierException.class, () -> BpfProgram.load(classifier(code)));
    assertEquals("unreachable insn 2", e.summary());
  }

  @Test
  void callbacksLoopAndFunctionsAreCalled() {
    var code =
        BpfCode.build(
            b -> {
              var add = b.newFunction("add_round");
              var twice = b.newFunction("twice");
              var sum = b.stackSlot(MemSize.DW);
              b.store(sum, 0).loop(10, add, Arg.addressOf(sum));
              b.ldxdw(R1, sum).call(twice).exit();
              b.function(add, f -> f.ldxdw(R0, new Mem(R2, 0)).add(R0, R1));
              b.function(twice, f -> f.mov(R0, R1).add(R0, R1).exit());
            });
    var complete =
        BpfCode.build(
            b -> {
              var add = b.newFunction("add_round");
              var twice = b.newFunction("twice");
              var sum = b.stackSlot(MemSize.DW);
              b.store(sum, 0).loop(10, add, Arg.addressOf(sum));
              b.ldxdw(R1, sum).call(twice).exit();
              b.function(
                  add,
                  f ->
                      f.ldxdw(R0, new Mem(R2, 0))
                          .add(R0, R1)
                          .stxdw(new Mem(R2, 0), R0)
                          .returning(0));
              b.function(twice, f -> f.mov(R0, R1).add(R0, R1).exit());
            });
    assertThrows(VerifierException.class, () -> BpfProgram.load(classifier(code)));
    try (var program = BpfProgram.load(classifier(complete))) {
      assertEquals(90, run(program));
      String dump = Bpftool.run("prog", "dump", "xlated", "id", Integer.toString(program.id()));
      assertTrue(dump.contains("int add_round("), dump);
      assertTrue(dump.contains("int twice("), dump);
    }
  }

  @Test
  void callbacksNeedTheSourceInfo() {
    var code =
        BpfCode.build(
            b -> {
              var nothing = b.newFunction("nothing");
              b.loop(10, nothing, Arg.imm(0)).returning(0);
              b.function(nothing, f -> f.returning(0));
            });
    BpfProgram.load(classifier(code)).close();
    var e =
        assertThrows(
            VerifierException.class, () -> BpfProgram.load(classifier(code).withoutSourceInfo()));
    assertTrue(e.summary().contains("missing btf func_info"), e.summary());
  }

  @Test
  void kernelFunctionsAreCalledByName() {
    try (var program = BpfProgram.load(classifier(calling("bpf_rcu_read_lock")))) {
      assertEquals(7, run(program));
    }
  }

  @Test
  void aKernelFunctionThatIsNotThereIsNamed() {
    var code = calling("bpf_no_such_function");
    var e = assertThrows(KernelErrorException.class, () -> BpfProgram.load(classifier(code)));
    assertEquals("ENOENT", e.errnoName());
    assertTrue(e.getMessage().contains("bpf_no_such_function"), e.getMessage());
  }

  @Test
  void aKernelFunctionThatIsNotForProgramsIsTheVerifiersToRefuse() {
    var e =
        assertThrows(
            VerifierException.class, () -> BpfProgram.load(classifier(calling("vfs_read"))));
    assertTrue(e.summary().contains("vfs_read"), e.summary());
    assertTrue(e.sourceLine().isPresent(), e.getMessage());
  }

  private static BpfCode calling(String lock) {
    return BpfCode.build(
        b ->
            b.with(new KfuncCall(new Kfunc.Named(lock)))
                .with(new KfuncCall(new Kfunc.Named("bpf_rcu_read_unlock")))
                .mov(R0, 7)
                .exit());
  }

  /** What the program returns for an Ethernet frame of zeros. */
  private static int run(BpfProgram program) {
    try (var arena = Arena.ofConfined()) {
      var frame = arena.allocate(64);
      var attr =
          BpfAttr.allocate(arena, Attr.ProgTestRun.SIZE)
              .u32(Attr.ProgTestRun.DATA_SIZE_IN, (int) frame.byteSize())
              .pointer(Attr.ProgTestRun.DATA_IN, frame);
      assertEquals(0, program.call(Cmd.PROG_TEST_RUN, attr, Attr.ProgTestRun.PROG_FD));
      return attr.u32(Attr.ProgTestRun.RETVAL);
    }
  }
}
