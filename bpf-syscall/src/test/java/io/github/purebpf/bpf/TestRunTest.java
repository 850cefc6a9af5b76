package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.BpfSkLookup;
import io.github.purebpf.uapi.ProgramType;
import io.github.purebpf.uapi.SkBuff;
import io.github.purebpf.uapi.XdpMd;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The bytes that the kernel is asked with, and what is made of its answers. */
class TestRunTest {
  private static final int RETVAL = 4;
  private static final int DATA_SIZE_IN = 8;
  private static final int DATA_SIZE_OUT = 12;
  private static final int DATA_IN = 16;
  private static final int DATA_OUT = 24;
  private static final int REPEAT = 32;
  private static final int DURATION = 36;
  private static final int CTX_SIZE_IN = 40;
  private static final int CTX_SIZE_OUT = 44;
  private static final int CTX_IN = 48;
  private static final int CTX_OUT = 56;
  private static final int FLAGS = 64;
  private static final int CPU = 68;
  private static final int BATCH_SIZE = 72;

  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  private final FakeKernel kernel = new FakeKernel();

  private BpfProgram program(ProgramType type, AttachType... attachType) {
    var hook = attachType.length == 0 ? Optional.<AttachType>empty() : Optional.of(attachType[0]);
    var program =
        BpfProgram.load(kernel, new ProgramSpec("p", type, hook, Fixtures.PASS, "GPL", 0));
    kernel.calls.clear();
    return program;
  }

  /** Answers as a program that returns 3 after 70 ns and leaves its packet. */
  private int run(Cmd command, BpfAttr attr) {
    assertEquals(Cmd.PROG_TEST_RUN, command);
    attr.u32(RETVAL, 3).u32(DURATION, 70).u32(DATA_SIZE_OUT, attr.u32(DATA_SIZE_IN));
    if (attr.bytes().byteSize() > CTX_SIZE_OUT) {
      attr.u32(CTX_SIZE_OUT, Math.min(attr.u32(CTX_SIZE_IN), attr.u32(CTX_SIZE_OUT)));
    }
    return 0;
  }

  private FakeKernel.Call asked() {
    assertEquals(1, kernel.calls.size());
    return kernel.calls.getFirst();
  }

  @Test
  void anXdpRunGivesThePacketBehindItsMetadata() {
    var program = program(ProgramType.XDP);
    kernel.answer = this::run;
    var packet = new byte[20];
    packet[19] = 9;
    var result =
        program.testRun(
            TestRun.xdp(packet)
                .withMetadata((byte) 1, (byte) 2, (byte) 3, (byte) 4)
                .with(XdpMd.INGRESS_IFINDEX, 5)
                .repeated(6));
    var call = asked();
    assertEquals(64, call.attr().capacity());
    assertEquals(24, call.u32(DATA_SIZE_IN));
    assertEquals(24 + 1024, call.u32(DATA_SIZE_OUT));
    assertEquals(6, call.u32(REPEAT));
    assertEquals(XdpMd.SIZE, call.u32(CTX_SIZE_IN));
    assertTrue(call.u32(CTX_SIZE_OUT) >= XdpMd.SIZE);
    assertEquals(3, result.returnValue());
    assertEquals(70, result.meanNanos());
  }

  @Test
  void theKernelSeesPacketAndContext() {
    var program = program(ProgramType.XDP);
    kernel.answer =
        (_, attr) -> {
          var data = FakeKernel.bytesAt(attr.bytes().get(LONG, DATA_IN), 18);
          assertArrayEquals(
              new byte[] {1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}, data);
          var context = FakeKernel.at(attr.bytes().get(LONG, CTX_IN), XdpMd.SIZE);
          assertEquals(4, context.get(INT, XdpMd.DATA.offset()));
          assertEquals(18, context.get(INT, XdpMd.DATA_END.offset()));
          assertEquals(5, context.get(INT, XdpMd.INGRESS_IFINDEX.offset()));
          return -Errno.EINVAL;
        };
    var packet = new byte[14];
    packet[13] = 9;
    var run =
        TestRun.xdp(packet)
            .withMetadata((byte) 1, (byte) 2, (byte) 3, (byte) 4)
            .with(XdpMd.INGRESS_IFINDEX, 5);
    assertThrows(KernelErrorException.class, () -> program.testRun(run));
  }

  @Test
  void liveFramesHaveNoResult() {
    var program = program(ProgramType.XDP);
    kernel.answer = this::run;
    program.testRun(TestRun.xdp(new byte[14]).liveFrames(32).repeated(100));
    var call = asked();
    assertEquals(76, call.attr().capacity());
    assertEquals(0, call.u64(DATA_OUT));
    assertEquals(0, call.u64(CTX_OUT));
    assertEquals(0, call.u32(DATA_SIZE_OUT));
    assertEquals(2, call.u32(FLAGS));
    assertEquals(32, call.u32(BATCH_SIZE));
  }

  @Test
  void liveFramesNeedTheirKernel() {
    var program = program(ProgramType.XDP);
    kernel.release = new KernelVersion(5, 15);
    kernel.answer = (_, _) -> -Errno.EINVAL;
    var run = TestRun.xdp(new byte[14]).liveFrames(32);
    var e = assertThrows(UnsupportedKernelException.class, () -> program.testRun(run));
    assertEquals(new KernelVersion(5, 18), e.since());
  }

  @Test
  void aRawTracepointIsSentToItsCpu() {
    var program = program(ProgramType.RAW_TRACEPOINT);
    kernel.answer = this::run;
    program.testRun(TestRun.rawTracepoint(7, 8).onCpu(3));
    var call = asked();
    assertEquals(72, call.attr().capacity());
    assertEquals(16, call.u32(CTX_SIZE_IN));
    assertEquals(1, call.u32(FLAGS));
    assertEquals(3, call.u32(CPU));
    assertEquals(0, call.u32(REPEAT));
  }

  @Test
  void aSyscallProgramHasNoContextOfItsOwnToWrite() {
    var program = program(ProgramType.SYSCALL);
    kernel.answer =
        (_, attr) -> {
          FakeKernel.at(attr.bytes().get(LONG, CTX_IN), 3).set(BYTE, 1, (byte) 42);
          return 0;
        };
    var input = new byte[] {1, 2, 3};
    var result = program.testRun(TestRun.syscall(input));
    assertArrayEquals(new byte[] {1, 42, 3}, result.context());
    assertArrayEquals(new byte[] {1, 2, 3}, input);
    assertEquals(0, asked().u64(CTX_OUT));
  }

  @Test
  void programsThatTraceNeedNothing() {
    var iterator = program(ProgramType.TRACING, AttachType.TRACE_ITER);
    var program = program(ProgramType.TRACING, AttachType.MODIFY_RETURN);
    kernel.answer = this::run;
    assertEquals(3, program.testRun(TestRun.tracing()).returnValue());
    assertEquals(40, asked().attr().capacity());
    assertThrows(IllegalArgumentException.class, () -> iterator.testRun(TestRun.tracing()));
  }

  @Test
  void anInterruptedRunIsMadeAgainFromTheSameInputButNotForever() {
    var program = program(ProgramType.SYSCALL);
    kernel.answer =
        (_, attr) -> {
          var context = FakeKernel.at(attr.bytes().get(LONG, CTX_IN), 1);
          assertEquals(1, context.get(BYTE, 0));
          context.set(BYTE, 0, (byte) 2);
          return kernel.calls.size() < 4 ? -Errno.EINTR : 0;
        };
    assertArrayEquals(new byte[] {2}, program.testRun(TestRun.syscall((byte) 1)).context());
    assertEquals(4, kernel.calls.size());

    kernel.calls.clear();
    kernel.answer = (_, _) -> -Errno.EINTR;
    var e =
        assertThrows(KernelErrorException.class, () -> program.testRun(TestRun.syscall((byte) 1)));
    assertEquals("EINTR", e.errnoName());
    assertEquals(16, kernel.calls.size());
  }

  @Test
  void oldKernelsGetNoContextUnlessItIsWanted() {
    var program = program(ProgramType.SCHED_CLS);
    kernel.release = new KernelVersion(5, 1);
    kernel.answer = this::run;
    var result = program.testRun(TestRun.skb(new byte[14]));
    assertEquals(40, asked().attr().capacity());
    var e = assertThrows(IllegalStateException.class, () -> result.get(SkBuff.MARK));
    assertTrue(e.getMessage().contains("this kernel is too old"), e.getMessage());

    kernel.answer = (_, _) -> -Errno.E2BIG;
    var wanted = TestRun.skb(new byte[14]).with(SkBuff.MARK, 1);
    var old = assertThrows(UnsupportedKernelException.class, () -> program.testRun(wanted));
    assertEquals(new KernelVersion(5, 2), old.since());
  }

  @Test
  void kernelsThatDoNotRespectTheRoomGetMore() {
    var program = program(ProgramType.SCHED_CLS);
    kernel.release = new KernelVersion(4, 19);
    kernel.answer = this::run;
    program.testRun(TestRun.skb(new byte[14]));
    assertEquals(128 * 1024, asked().u32(DATA_SIZE_OUT));
  }

  @Test
  void typesThatLearnedItLaterNameTheirKernel() {
    var program = program(ProgramType.SK_LOOKUP, AttachType.SK_LOOKUP);
    kernel.release = new KernelVersion(5, 10);
    kernel.answer = (_, _) -> -Errno.ENOTSUPP;
    var run = TestRun.skLookup().with(BpfSkLookup.FAMILY, 2);
    var e = assertThrows(UnsupportedKernelException.class, () -> program.testRun(run));
    assertEquals(new KernelVersion(5, 13), e.since());

    kernel.release = new KernelVersion(6, 1);
    var built = assertThrows(KernelErrorException.class, () -> program.testRun(run));
    assertTrue(
        built.getMessage().contains("does not run a BPF_PROG_TYPE_SK_LOOKUP on request"),
        built.getMessage());
  }

  @Test
  void newerAndLongerContextsAreTaken() {
    var program = program(ProgramType.SCHED_CLS);
    kernel.answer =
        (_, attr) -> {
          attr.u32(DATA_SIZE_OUT, 14).u32(CTX_SIZE_OUT, SkBuff.SIZE + 16);
          return 0;
        };
    var result = program.testRun(TestRun.skb(new byte[14]));
    assertEquals(SkBuff.SIZE + 16, result.context().length);
  }

  @Test
  void whatNoKernelTakesIsRefusedEarly() {
    refused("a packet of 13 bytes", () -> TestRun.xdp(new byte[13]));
    refused("a packet of 13 bytes", () -> TestRun.skb(new byte[13]));
    refused("a packet of 0 bytes", TestRun::flowDissector);
    refused("a packet of 33 bytes", () -> TestRun.netfilter(new byte[33]));
    refused("netfilter family 7", () -> TestRun.netfilter(new byte[34]).at(7, 0));
    refused("not 0 times", () -> TestRun.skLookup().repeated(0));
    refused("room for -1 bytes", () -> TestRun.skb(new byte[14]).withRoom(-1));
    refused("metadata of 3 bytes", () -> TestRun.xdp(new byte[14]).withMetadata(new byte[3]));
    refused("a batch of 257 frames", () -> TestRun.xdp(new byte[14]).liveFrames(257));
    refused("not data_end", () -> TestRun.xdp(new byte[14]).with(XdpMd.DATA_END, 3));
    refused("13 arguments", () -> TestRun.rawTracepoint(new long[13]));
    refused("a context of 65536 bytes", () -> TestRun.syscall(new byte[65536]));
    refused("does not fit into mark", () -> TestRun.skb(new byte[14]).with(SkBuff.MARK, 1L << 32));
    assertEquals(
        -1L,
        TestRun.skb(new byte[14]).with(SkBuff.MARK, -1).context().get(SkBuff.MARK).longValue());
  }

  private static void refused(String words, Runnable run) {
    var e = assertThrows(IllegalArgumentException.class, run::run);
    assertTrue(e.getMessage().contains(words), e.getMessage());
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
  }
}
