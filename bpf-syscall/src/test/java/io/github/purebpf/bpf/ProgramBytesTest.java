package io.github.purebpf.bpf;

import static io.github.purebpf.bpf.ExpectedAttr.only;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.LoadOptions.LogLevel;
import io.github.purebpf.bpf.error.VerifierException;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.BpfSkLookup;
import io.github.purebpf.uapi.ProgramType;
import io.github.purebpf.uapi.SkBuff;
import io.github.purebpf.uapi.XdpMd;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The exact bytes of loading with a log and source info, of test runs and of statistics. */
class ProgramBytesTest {
  private static final int BPF_STATS_RUN_TIME = 0;

  private final FakeKernel kernel = new FakeKernel();

  private BpfProgram program(ProgramType type) {
    return BpfProgram.load(
        kernel, new ProgramSpec("p", type, Optional.empty(), Fixtures.PASS, "GPL", 0));
  }

  private FakeKernel.Call run(BpfProgram program, TestRun<?> run) {
    kernel.answer = (_, _) -> 0;
    program.testRun(run);
    return only(kernel, Cmd.PROG_TEST_RUN);
  }

  @Test
  void aRejectedProgramIsLoadedAgainForItsLog() {
    kernel.answer =
        (_, attr) -> {
          if (attr.u32(24) != 0) {
            FakeKernel.at(attr.bytes().get(JAVA_LONG, 32), 64).setString(0, "R0 !read_ok\n");
            attr.u32(140, 13);
          }
          return -Errno.EACCES;
        };
    var spec = ProgramSpec.connect4("pass", Fixtures.PASS);
    var e = assertThrows(VerifierException.class, () -> BpfProgram.load(kernel, spec));
    assertEquals("R0 !read_ok", e.log().strip());
    var calls = kernel.calls(Cmd.PROG_LOAD);
    assertEquals(2, calls.size());
    loaded(calls.getFirst()).matches(calls.getFirst());
    var logged = calls.getLast();
    loaded(logged).u32(24, 1).u32(28, logged.u32(28)).pointers(logged, 32).matches(logged);
    assertTrue(logged.u32(28) >= 128, "the least the kernel takes");
  }

  @Test
  void aLogThatIsAskedForAndAnInterfaceComeWithTheFirstLoad() {
    var spec = ProgramSpec.connect4("pass", Fixtures.PASS);
    var options = LoadOptions.DEFAULT.withLog(LogLevel.STATS).withLargestLog(512).withInterface(3);
    BpfProgram.load(kernel, spec, options);
    var call = only(kernel, Cmd.PROG_LOAD);
    loaded(call).u32(24, 4).u32(28, 512).pointers(call, 32).u32(64, 3).matches(call);
  }

  @Test
  void sourceInfoNamesItsTypesAndRecords() {
    kernel.takesBtf = true;
    kernel.answer =
        (command, attr) -> {
          if (command == Cmd.PROG_LOAD) {
            var function = FakeKernel.at(attr.bytes().get(JAVA_LONG, 80), 8);
            assertEquals(0, function.get(JAVA_INT, 0));
            var line = FakeKernel.at(attr.bytes().get(JAVA_LONG, 96), 16);
            assertEquals(0, line.get(JAVA_INT, 0));
          }
          return kernel.newFd();
        };
    BpfProgram.load(kernel, ProgramSpec.connect4("pass", Fixtures.PASS));
    var call = only(kernel, Cmd.PROG_LOAD);
    loaded(call)
        .u32(72, 3)
        .u32(76, 8)
        .pointers(call, 80, 96)
        .u32(88, 1)
        .u32(92, 16)
        .u32(104, 2)
        .matches(call);
  }

  private static ExpectedAttr loaded(FakeKernel.Call call) {
    return new ExpectedAttr(144)
        .u32(0, 18)
        .u32(4, 2)
        .pointers(call, 8, 16)
        .text(48, "pass")
        .u32(68, 10);
  }

  @Test
  void aRunOfAPacketHasRoomForPacketAndContext() {
    var call =
        run(
            program(ProgramType.SCHED_CLS),
            TestRun.skb(new byte[60]).with(SkBuff.MARK, 5).withRoom(100).repeated(9));
    new ExpectedAttr(64)
        .u32(0, 3)
        .u32(8, 60)
        .u32(12, 160)
        .pointers(call, 16, 24, 48, 56)
        .u32(32, 9)
        .u32(40, SkBuff.SIZE)
        .u32(44, call.u32(44))
        .matches(call);
    assertTrue(call.u32(44) >= SkBuff.SIZE, "newer kernels may have more");
  }

  @Test
  void aRunOfLiveFramesHasNoRoomForAnything() {
    var call =
        run(program(ProgramType.XDP), TestRun.xdp(new byte[60]).liveFrames(32).repeated(100));
    new ExpectedAttr(76)
        .u32(0, 3)
        .u32(8, 60)
        .pointers(call, 16, 48)
        .u32(32, 100)
        .u32(40, XdpMd.SIZE)
        .u32(64, 2)
        .u32(72, 32)
        .matches(call);
  }

  @Test
  void aRunOnACpuHasArgumentsAndNothingElse() {
    var call = run(program(ProgramType.RAW_TRACEPOINT), TestRun.rawTracepoint(7, 8, 9).onCpu(1));
    new ExpectedAttr(72)
        .u32(0, 3)
        .u32(40, 24)
        .pointers(call, 48)
        .u32(64, 1)
        .u32(68, 1)
        .matches(call);
  }

  @Test
  void aRunOfASyscallProgramHasItsContextAndNothingElse() {
    var call = run(program(ProgramType.SYSCALL), TestRun.syscall(new byte[12]));
    new ExpectedAttr(64).u32(0, 3).u32(40, 12).pointers(call, 48).matches(call);
  }

  @Test
  void aChoiceOfASocketHasAContextAndNoPacket() {
    var program =
        BpfProgram.load(
            kernel,
            new ProgramSpec(
                "p",
                ProgramType.SK_LOOKUP,
                Optional.of(AttachType.SK_LOOKUP),
                Fixtures.PASS,
                "GPL",
                0));
    var call = run(program, TestRun.skLookup().with(BpfSkLookup.FAMILY, 2).repeated(2));
    new ExpectedAttr(64)
        .u32(0, 3)
        .u32(32, 2)
        .u32(40, BpfSkLookup.SIZE)
        .u32(44, call.u32(44))
        .pointers(call, 48, 56)
        .matches(call);
  }

  @Test
  void aFlowDissectorHasRoomForItsKeys() {
    var call =
        run(program(ProgramType.FLOW_DISSECTOR), TestRun.flowDissector(new byte[60]).withFlags(3));
    new ExpectedAttr(64)
        .u32(0, 3)
        .u32(8, 60)
        .u32(12, call.u32(12))
        .pointers(call, 16, 24, 48)
        .u32(32, 1)
        .u32(40, call.u32(40))
        .matches(call);
  }

  @Test
  void statisticsNameTheirKind() {
    kernel.answer = (_, _) -> kernel.newFd();
    RunStatistics.enable(kernel).close();
    new ExpectedAttr(4).u32(0, BPF_STATS_RUN_TIME).matches(only(kernel, Cmd.ENABLE_STATS));
  }

  @Test
  void figuresOfAProgramEndWithTheLastOne() {
    var program = program(ProgramType.XDP);
    kernel.answer = (_, attr) -> fillRuns(attr);
    assertEquals(new ProgramStatistics(5, 600, 7, 8), program.statistics());
    var call = only(kernel, Cmd.OBJ_GET_INFO_BY_FD);
    new ExpectedAttr(16).u32(0, 3).u32(4, 220).pointers(call, 8).matches(call);
  }

  private static int fillRuns(BpfAttr attr) {
    var info = FakeKernel.at(attr.bytes().get(JAVA_LONG, 8), 220);
    info.set(JAVA_LONG, 192, 600);
    info.set(JAVA_LONG, 200, 5);
    info.set(JAVA_LONG, 208, 7);
    info.set(JAVA_INT, 216, 8);
    return 0;
  }
}
