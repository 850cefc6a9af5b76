package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R3;
import static io.github.purebpf.insn.Reg.R4;
import static io.github.purebpf.insn.Reg.R6;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.Arg;
import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.insn.Cond;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.Mem;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.BpfFlowKeys;
import io.github.purebpf.uapi.BpfSkLookup;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.ProgramFlags;
import io.github.purebpf.uapi.ProgramType;
import io.github.purebpf.uapi.SkBuff;
import io.github.purebpf.uapi.XdpMd;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each kind of test run on the running kernel. */
@RequiresKernel
@NoLeakedFds
class TestRunIT {
  private static final MapRef COUNT = new MapRef("count");
  private static final byte[] FRAME = frame(64);

  /** An Ethernet frame with an IPv4 header, UDP from port 4097 to port 8194. */
  private static byte[] frame(int size) {
    var frame = new byte[size];
    frame[12] = 8;
    frame[14] = 0x45;
    frame[17] = (byte) (size - 14);
    frame[22] = 64;
    frame[23] = 17;
    byte[] addresses = {127, 0, 0, 1, 127, 0, 0, 2, 0x10, 1, 0x20, 2};
    System.arraycopy(addresses, 0, frame, 26, addresses.length);
    return frame;
  }

  private static ProgramSpec spec(ProgramType type, Consumer<? super BpfBuilder> body) {
    return new ProgramSpec("it_run", type, Optional.empty(), BpfCode.build(body), "GPL", 0);
  }

  private static ProgramSpec syscall(Consumer<? super BpfBuilder> body) {
    return spec(ProgramType.SYSCALL, body).withFlags(ProgramFlags.SLEEPABLE);
  }

  /** Sets the first byte of the packet, if its end can be read. */
  private static void mark(BpfBuilder b) {
    var ctx = b.keepContext(R6, XdpMd.class);
    b.load(R2, ctx.get(XdpMd.DATA))
        .load(R3, ctx.get(XdpMd.DATA_END))
        .ifPacketHas(R2, R3, R4, 1, in -> in.stb(new Mem(R2, 0), 0x5a))
        .returning(2);
  }

  @Test
  void anXdpProgramChangesItsPacket() {
    try (var program = BpfProgram.load(spec(ProgramType.XDP, TestRunIT::mark))) {
      var result = program.testRun(TestRun.xdp(FRAME));
      assertEquals(2, result.returnValue());
      var expected = FRAME.clone();
      expected[0] = 0x5a;
      assertArrayEquals(expected, result.data());
      assertEquals(FRAME.length, result.get(XdpMd.DATA_END));
      assertEquals(0, result.get(XdpMd.DATA));
    }
  }

  @Test
  void anXdpProgramReadsMetadataAndItsInterface() {
    var spec =
        spec(
            ProgramType.XDP,
            b -> {
              var ctx = b.keepContext(R6, XdpMd.class);
              b.load(R2, ctx.get(XdpMd.DATA_META))
                  .load(R3, ctx.get(XdpMd.DATA))
                  .mov(R0, 0)
                  .ifPacketHas(R2, R3, R4, 4, in -> in.ldxw(R0, new Mem(R2, 0)))
                  .load(R1, ctx.get(XdpMd.INGRESS_IFINDEX))
                  .add(R0, R1)
                  .exit();
            });
    try (var program = BpfProgram.load(spec)) {
      var metadata = new byte[4];
      MemorySegment.ofArray(metadata).set(ValueLayout.JAVA_INT_UNALIGNED, 0, 1000);
      var loopback = TestRun.xdp(FRAME).with(XdpMd.INGRESS_IFINDEX, 1);
      assertEquals(1, program.testRun(loopback).returnValue());
      var result = program.testRun(loopback.withMetadata(metadata));
      assertEquals(1001, result.returnValue());
      assertArrayEquals(metadata, result.metadata());
      assertArrayEquals(FRAME, result.data());
    }
  }

  /** Moves the start of the packet in front of it, and its end behind. */
  private static ProgramSpec growing(int front, int behind) {
    return spec(
        ProgramType.XDP,
        b ->
            b.mov(R6, R1)
                .call(Helper.XDP_ADJUST_HEAD, Arg.reg(R1), Arg.imm(-front))
                .call(Helper.XDP_ADJUST_TAIL, Arg.reg(R6), Arg.imm(behind))
                .exit());
  }

  @Test
  void aPacketMayGrowByTheWholeHeadroom() {
    try (var program = BpfProgram.load(growing(216, 300))) {
      var result = program.testRun(TestRun.xdp(FRAME));
      assertEquals(0, result.returnValue());
      assertEquals(FRAME.length + 516, result.data().length);
      assertArrayEquals(FRAME, Arrays.copyOfRange(result.data(), 216, 216 + FRAME.length));
    }
  }

  @Test
  void aPacketThatOutgrowsItsRoomSaysHowMuchItNeeds() {
    try (var program = BpfProgram.load(growing(200, 0))) {
      var run = TestRun.xdp(FRAME).withRoom(100);
      var e = assertThrows(KernelErrorException.class, () -> program.testRun(run));
      assertEquals(
          "BPF_PROG_TEST_RUN of program it_run failed with ENOSPC (28): the packet has 264 bytes"
              + " now, and there was room for 164; withRoom(…) gives more",
          e.getMessage());
      assertEquals(264, program.testRun(run.withRoom(200)).data().length);
    }
  }

  @Test
  void aLongPacketComesInSeveralBuffers() {
    var jumbo = TestRun.xdp(frame(9000));
    var spec =
        spec(ProgramType.XDP, b -> b.call(Helper.XDP_GET_BUFF_LEN).exit())
            .withFlags(ProgramFlags.XDP_HAS_FRAGS);
    try (var program = BpfProgram.load(spec)) {
      var result = program.testRun(jumbo);
      assertEquals(9000, result.returnValue());
      assertArrayEquals(frame(9000), result.data());
      assertTrue(result.get(XdpMd.DATA_END) < 4096, "the first buffer is a page");
      var live = jumbo.liveFrames(1);
      var e = assertThrows(KernelErrorException.class, () -> program.testRun(live));
      assertTrue(e.getMessage().contains("too long for one buffer"), e.getMessage());
    }
  }

  @Test
  void liveFramesGoWhereTheVerdictSendsThem() {
    try (var count = BpfMap.create(MapSpec.array(COUNT, Codec.s64(), 1));
        var program =
            BpfProgram.load(
                spec(
                    ProgramType.XDP,
                    b ->
                        b.addressOfGlobal(R1, COUNT, 0)
                            .mov(R2, 1)
                            .atomicAddDw(new Mem(R1, 0), R2)
                            .returning(1)),
                count)) {
      var result = program.testRun(TestRun.xdp(FRAME).liveFrames(16).repeated(100));
      assertEquals(0, result.data().length);
      assertEquals(100, count.get(0).orElseThrow());
    }
  }

  @ParameterizedTest
  @EnumSource(
      names = {"SOCKET_FILTER", "SCHED_CLS", "SCHED_ACT", "CGROUP_SKB", "LWT_IN", "LWT_XMIT"})
  void programsOfSocketBuffersReadTheirContext(ProgramType type) {
    var spec =
        spec(
            type,
            b -> {
              var ctx = b.keepContext(R6, SkBuff.class);
              b.load(R2, ctx.get(SkBuff.PRIORITY))
                  .add(R2, 1)
                  .stxw(ctx.get(SkBuff.CB_1), R2)
                  .load(R2, ctx.get(SkBuff.LEN))
                  .stxw(ctx.get(SkBuff.CB_0), R2)
                  .returning(1);
            });
    try (var program = BpfProgram.load(spec)) {
      var result = program.testRun(TestRun.skb(FRAME).with(SkBuff.PRIORITY, 41));
      // Below the link layer, the header is not theirs.
      boolean link = type == ProgramType.SCHED_CLS || type == ProgramType.SCHED_ACT;
      assertEquals(1, result.returnValue());
      assertEquals(link ? 64 : 50, result.get(SkBuff.CB_0));
      assertEquals(42, result.get(SkBuff.CB_1));
      assertEquals(41, result.get(SkBuff.PRIORITY));
    }
  }

  @Test
  void aFieldThatATestRunCannotSetIsRefused() {
    try (var program = BpfProgram.load(spec(ProgramType.SCHED_CLS, b -> b.returning(0)))) {
      var e =
          assertThrows(
              KernelErrorException.class,
              () -> program.testRun(TestRun.skb(FRAME).with(SkBuff.LEN, 3)));
      assertEquals("EINVAL", e.errnoName());
      assertTrue(e.getMessage().contains("a field of the context may not be set"), e.getMessage());
    }
  }

  @Test
  void repeatedRunsAreTimed() {
    try (var program = BpfProgram.load(spec(ProgramType.SCHED_CLS, b -> b.returning(7)))) {
      var result = program.testRun(TestRun.skb(FRAME).repeated(10_000));
      assertEquals(7, result.returnValue());
      assertTrue(result.meanNanos() < 1_000_000_000, "nanoseconds: " + result.meanNanos());
    }
  }

  @Test
  void aFlowDissectorShowsItsKeys() {
    var spec =
        spec(
            ProgramType.FLOW_DISSECTOR,
            b -> {
              var ctx = b.keepContext(R6, SkBuff.class);
              b.load(R2, ctx.get(SkBuff.FLOW_KEYS))
                  .sth(new Mem(R2, BpfFlowKeys.THOFF.offset()), 34)
                  .ldxw(R3, new Mem(R2, BpfFlowKeys.FLAGS.offset()))
                  .stxh(new Mem(R2, BpfFlowKeys.SPORT.offset()), R3)
                  .returning(0);
            });
    try (var program = BpfProgram.load(spec)) {
      var result = program.testRun(TestRun.flowDissector(FRAME).withFlags(3));
      assertEquals(0, result.returnValue());
      assertEquals(34, result.get(BpfFlowKeys.THOFF));
      assertEquals(14, result.get(BpfFlowKeys.NHOFF));
      assertEquals(3, result.get(BpfFlowKeys.SPORT));
      assertEquals(0, result.data().length);
    }
  }

  @Test
  void aChoiceOfASocketReadsTheAddresses() {
    var spec =
        new ProgramSpec(
            "it_run",
            ProgramType.SK_LOOKUP,
            Optional.of(AttachType.SK_LOOKUP),
            BpfCode.build(
                b -> {
                  var ctx = b.keepContext(R6, BpfSkLookup.class);
                  b.load(R2, ctx.get(BpfSkLookup.LOCAL_PORT))
                      .mov(R0, 1)
                      .ifThen(R2, Cond.EQ, 7777, drop -> drop.mov(R0, 0))
                      .exit();
                }),
            "GPL",
            0);
    try (var program = BpfProgram.load(spec)) {
      var run = TestRun.skLookup().with(BpfSkLookup.FAMILY, 2).with(BpfSkLookup.PROTOCOL, 6);
      var passed = program.testRun(run.with(BpfSkLookup.LOCAL_PORT, 7));
      assertEquals(1, passed.returnValue());
      assertEquals(0, passed.get(BpfSkLookup.COOKIE));
      assertEquals(0, program.testRun(run.with(BpfSkLookup.LOCAL_PORT, 7777)).returnValue());
    }
  }

  @Test
  void aRawTracepointGetsItsArgumentsOnACpu() {
    var spec =
        spec(
            ProgramType.RAW_TRACEPOINT,
            b ->
                b.mov(R6, R1)
                    .call(Helper.GET_SMP_PROCESSOR_ID)
                    .ldxdw(R1, new Mem(R6, 0))
                    .ldxdw(R2, new Mem(R6, 8))
                    .sub(R1, R2)
                    .lsh(R0, 16)
                    .add(R0, R1)
                    .exit());
    try (var program = BpfProgram.load(spec)) {
      var run = TestRun.rawTracepoint(50, 8);
      assertEquals(42, program.testRun(run).returnValue() & 0xffff);
      assertEquals(42, program.testRun(run.onCpu(0)).returnValue());
      var absent = assertThrows(KernelErrorException.class, () -> program.testRun(run.onCpu(9999)));
      assertTrue(absent.getMessage().contains("CPU 9999 is not there"), absent.getMessage());
      var few =
          assertThrows(
              KernelErrorException.class, () -> program.testRun(TestRun.rawTracepoint(50)));
      assertTrue(few.getMessage().contains("reads more than 1 arguments"), few.getMessage());
    }
  }

  @Test
  void aSyscallProgramWritesItsContextInPlace() {
    var spec =
        syscall(
            b ->
                b.ldxdw(R2, new Mem(R1, 0)).mul(R2, 3).stxdw(new Mem(R1, 8), R2).mov(R0, 5).exit());
    try (var program = BpfProgram.load(spec)) {
      var context = new byte[24];
      MemorySegment.ofArray(context).set(ValueLayout.JAVA_LONG_UNALIGNED, 0, 14);
      var result = program.testRun(TestRun.syscall(context));
      assertEquals(5, result.returnValue());
      var after = MemorySegment.ofArray(result.context());
      assertEquals(24, after.byteSize());
      assertEquals(42, after.get(ValueLayout.JAVA_LONG_UNALIGNED, 8));
      var e =
          assertThrows(
              KernelErrorException.class, () -> program.testRun(TestRun.syscall(new byte[8])));
      assertTrue(e.getMessage().contains("touches more than 8 bytes"), e.getMessage());
    }
  }

  @Test
  void aNetfilterProgramSeesAPacketAtAHook() {
    var spec =
        new ProgramSpec(
            "it_run",
            ProgramType.NETFILTER,
            Optional.of(AttachType.NETFILTER),
            BpfCode.build(
                b ->
                    b.ldxdw(R2, new Mem(R1, 0))
                        .ldxb(R0, new Mem(R2, 0))
                        .ldxb(R1, new Mem(R2, 1))
                        .rsh(R0, 2)
                        .rsh(R1, 3)
                        .or(R0, R1)
                        .and(R0, 1)
                        .exit()),
            "GPL",
            0);
    BpfProgram loaded;
    try {
      loaded = BpfProgram.load(spec);
    } catch (KernelErrorException e) {
      assertEquals("EINVAL", e.errnoName()); // built without BPF_NETFILTER
      return;
    }
    try (var program = loaded) {
      assertEquals(0, program.testRun(TestRun.netfilter(FRAME)).returnValue());
      assertEquals(1, program.testRun(TestRun.netfilter(FRAME).at(2, 4)).returnValue());
      assertEquals(1, program.testRun(TestRun.netfilter(FRAME).at(10, 3)).returnValue());
    }
  }

  @Test
  void typesWithoutTestRunsAreRefusedInWords() {
    try (var program = BpfProgram.load(spec(ProgramType.SOCK_OPS, b -> b.returning(1)))) {
      var e =
          assertThrows(IllegalArgumentException.class, () -> program.testRun(TestRun.xdp(FRAME)));
      assertEquals(
          "program it_run is a BPF_PROG_TYPE_SOCK_OPS, which a test run of an XDP packet cannot run;"
              + " it is for BPF_PROG_TYPE_XDP",
          e.getMessage());
    }
  }
}
