package io.github.purebpf.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.bpf.AttachPoint.Netkit;
import io.github.purebpf.bpf.AttachPoint.Tcx;
import io.github.purebpf.bpf.AttachPoint.Xdp;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The exact bytes of attr of all that attaches; the offsets are those of the kernel's header. */
class LinkBytesTest {
  private static final int PROGRAM = 3;

  private final FakeKernel kernel = new FakeKernel();

  private BpfProgram program(ProgramType type, AttachType hook) {
    return BpfProgram.load(
        kernel, new ProgramSpec("p", type, Optional.ofNullable(hook), Fixtures.PASS, "GPL", 0));
  }

  /** Asserts an attr as numbers of four bytes; a pointer is two of them, taken from the attr. */
  private static void words(FakeKernel.Call call, int... words) {
    var expected = ByteBuffer.allocate(4 * words.length).order(ByteOrder.nativeOrder());
    for (int word : words) {
      expected.putInt(word);
    }
    assertArrayEquals(expected.array(), call.attr().array(), call.command().kernelName());
  }

  private FakeKernel.Call only(Cmd command) {
    var calls = kernel.calls(command);
    assertEquals(1, calls.size(), command.kernelName());
    return calls.getFirst();
  }

  /** One half of eight bytes, as they lie in memory. */
  private static int half(long value, int index) {
    var bytes = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(value);
    return bytes.getInt(4 * index);
  }

  /** Looks at what pointers of a command point to, which is there only during the call. */
  private void during(Cmd command, Consumer<FakeKernel.Call> look) {
    kernel.answer =
        (called, attr) -> {
          if (called == command) {
            look.accept(kernel.calls(command).getLast());
          }
          return FakeKernel.makesFd(called) ? kernel.newFd() : 0;
        };
  }

  @Test
  void xdpNamesTheInterfaceAndTheMode() {
    var program = program(ProgramType.XDP, AttachType.XDP);
    program.attach(new Xdp(7));
    program.attach(new Xdp(7, Xdp.Mode.GENERIC));
    program.attach(new Xdp(7, Xdp.Mode.DRIVER));
    program.attach(new Xdp(7, Xdp.Mode.HARDWARE));
    int[] flags = {0, 2, 4, 8};
    var calls = kernel.calls(Cmd.LINK_CREATE);
    for (int i = 0; i < flags.length; i++) {
      words(calls.get(i), PROGRAM, 7, 37, flags[i]);
    }
    assertEquals(flags.length, calls.size());
  }

  @Test
  void tcxNamesNeighbourAndRevision() {
    var program = program(ProgramType.SCHED_CLS, AttachType.TCX_INGRESS);
    long revision = 0x1_0000_0002L;
    var link = new AttachOrder(AttachOrder.Side.BEFORE, AttachOrder.Neighbour.LINK, 99, revision);
    var other = new AttachOrder(AttachOrder.Side.AFTER, AttachOrder.Neighbour.PROGRAM, 98, 0);
    for (var order : List.of(AttachOrder.LAST, AttachOrder.FIRST, link, other)) {
      program.attach(new Tcx(7, Tcx.Direction.INGRESS, order));
    }
    var calls = kernel.calls(Cmd.LINK_CREATE);
    words(calls.get(0), PROGRAM, 7, 46, 0, 0, 0, 0, 0);
    words(calls.get(1), PROGRAM, 7, 46, 0x8, 0, 0, 0, 0);
    words(calls.get(2), PROGRAM, 7, 46, 0x2028, 99, 0, half(revision, 0), half(revision, 1));
    words(calls.get(3), PROGRAM, 7, 46, 0x30, 98, 0, 0, 0);
  }

  @Test
  void netkitAndTheOtherDirectionHaveTheirHooks() {
    program(ProgramType.SCHED_CLS, AttachType.TCX_EGRESS).attach(new Tcx(7, Tcx.Direction.EGRESS));
    program(ProgramType.SCHED_CLS, AttachType.NETKIT_PRIMARY)
        .attach(new Netkit(7, Netkit.Side.PRIMARY));
    program(ProgramType.SCHED_CLS, AttachType.NETKIT_PEER).attach(new Netkit(7, Netkit.Side.PEER));
    int[] hooks = {47, 54, 55};
    var calls = kernel.calls(Cmd.LINK_CREATE);
    for (int i = 0; i < hooks.length; i++) {
      words(calls.get(i), PROGRAM + 2 * i, 7, hooks[i], 0, 0, 0, 0, 0);
    }
  }

  @Test
  void aNamespaceIsADescriptor() {
    var namespace = NetworkNamespace.open(kernel, Path.of("/run/netns/one"));
    program(ProgramType.SK_LOOKUP, AttachType.SK_LOOKUP).attach(new AttachPoint.Netns(namespace));
    program(ProgramType.FLOW_DISSECTOR, AttachType.FLOW_DISSECTOR)
        .attach(new AttachPoint.Netns(namespace));
    var calls = kernel.calls(Cmd.LINK_CREATE);
    words(calls.getFirst(), 4, 3, 36, 0);
    words(calls.getLast(), 6, 3, 17, 0);
  }

  @Test
  void netfilterHasFamilyHookAndPriority() {
    program(ProgramType.NETFILTER, AttachType.NETFILTER)
        .attach(new AttachPoint.Netfilter(10, 3, -5));
    words(only(Cmd.LINK_CREATE), PROGRAM, 0, 45, 0, 10, 3, -5, 0);
  }

  @Test
  void aMapOfSocketsIsADescriptorWithAndWithoutALink() {
    var map = BpfMap.create(kernel, Fixtures.SERVICES_SPEC);
    var program = program(ProgramType.SK_SKB, AttachType.SK_SKB_VERDICT);
    program.attach(new AttachPoint.SocketMap(map));
    words(only(Cmd.LINK_CREATE), 4, 3, 38, 0);
    var attachment = program.attachLegacy(new LegacyPoint.SocketMap(map));
    words(only(Cmd.PROG_ATTACH), 3, 4, 38, 0, 0);
    attachment.detach();
    words(only(Cmd.PROG_DETACH), 3, 4, 38, 0);
  }

  @Test
  void aTargetWithoutACookieTakesTheOlderCommand() {
    var program = program(ProgramType.LSM, AttachType.LSM_MAC);
    program.attach(new AttachPoint.Target());
    words(only(Cmd.RAW_TRACEPOINT_OPEN), 0, 0, PROGRAM);
    program.attach(new AttachPoint.Target(0x1_0000_0002L));
    words(
        only(Cmd.LINK_CREATE),
        PROGRAM,
        0,
        27,
        0,
        0,
        0,
        half(0x1_0000_0002L, 0),
        half(0x1_0000_0002L, 1));
  }

  @Test
  void aRawTracepointHasANameAndMaybeACookie() {
    during(
        Cmd.RAW_TRACEPOINT_OPEN,
        call -> assertEquals("sched_switch", FakeKernel.textAt(call.u64(0))));
    var program = program(ProgramType.RAW_TRACEPOINT, null);
    program.attach(new AttachPoint.RawTracepoint("sched_switch"));
    program.attach(new AttachPoint.RawTracepoint("sched_switch", 5));
    var calls = kernel.calls(Cmd.RAW_TRACEPOINT_OPEN);
    var plain = calls.getFirst();
    words(plain, plain.u32(0), plain.u32(4), PROGRAM);
    var cookie = calls.getLast();
    words(cookie, cookie.u32(0), cookie.u32(4), PROGRAM, 0, half(5, 0), half(5, 1));
  }

  @Test
  void anIteratorPointsToItsParameters(@TempDir Path cgroup) throws IOException {
    var expected = new int[][] {{}, {4}, {11, 0, 0}, {0, 12, 0}, {4, 9, 0, 0}};
    var seen = new ArrayList<int[]>();
    during(
        Cmd.LINK_CREATE,
        call -> {
          int length = call.u32(24);
          seen.add(
              length == 0 ? new int[0] : FakeKernel.at(call.u64(16), length).toArray(JAVA_INT));
        });
    var program = program(ProgramType.TRACING, AttachType.TRACE_ITER);
    var map = BpfMap.create(kernel, Fixtures.SERVICES_SPEC);
    var points =
        List.of(
            new Iteration.Whole(),
            new Iteration.OfMap(map),
            new Iteration.OfThread(11),
            new Iteration.OfProcess(12));
    for (var point : points) {
      program.attach(point);
    }
    program.attach(new Iteration.OfCgroup(cgroup, Iteration.Walk.ANCESTORS_UP));
    var calls = kernel.calls(Cmd.LINK_CREATE);
    for (int i = 0; i < calls.size(); i++) {
      var call = calls.get(i);
      words(call, PROGRAM, 0, 28, 0, call.u32(16), call.u32(20), 4 * expected[i].length);
    }
    assertArrayEquals(expected, seen.toArray(new int[0][]));
  }

  @Test
  void anIteratorIsOpenedByItsLink() throws IOException {
    var link = program(ProgramType.TRACING, AttachType.TRACE_ITER).attach(new Iteration.Whole());
    link.openIterator().close();
    words(only(Cmd.ITER_CREATE), 4, 0);
  }

  @Test
  void placesOfAFileAreAList() {
    during(
        Cmd.LINK_CREATE,
        call -> {
          assertEquals("/lib/x.so", FakeKernel.textAt(call.u64(16)));
          assertArrayEquals(new long[] {8, 16}, FakeKernel.at(call.u64(24), 16).toArray(JAVA_LONG));
        });
    var program = program(ProgramType.KPROBE, AttachType.TRACE_UPROBE_MULTI);
    var offsets = List.of(8L, 16L);
    program.attach(
        new AttachPoint.UprobeMulti(Path.of("/lib/x.so"), offsets, true, OptionalLong.of(77)));
    var call = only(Cmd.LINK_CREATE);
    words(
        call,
        PROGRAM,
        0,
        48,
        0,
        call.u32(16),
        call.u32(20),
        call.u32(24),
        call.u32(28),
        0,
        0,
        0,
        0,
        2,
        1,
        77);
  }

  @Test
  void kernelFunctionsAreAListOfNames() {
    during(
        Cmd.LINK_CREATE,
        call -> {
          var names = FakeKernel.at(call.u64(24), 16);
          assertEquals("vfs_read", FakeKernel.textAt(names.getAtIndex(JAVA_LONG, 0)));
          assertEquals("vfs_write", FakeKernel.textAt(names.getAtIndex(JAVA_LONG, 1)));
        });
    var program = program(ProgramType.KPROBE, AttachType.TRACE_KPROBE_MULTI);
    program.attach(new AttachPoint.KprobeMulti(List.of("vfs_read", "vfs_write"), true));
    var call = only(Cmd.LINK_CREATE);
    words(call, PROGRAM, 0, 42, 0, 1, 2, call.u32(24), call.u32(28), 0, 0, 0, 0);
  }

  @Test
  void aPerfEventIsOpenedAndGivenToTheLink() {
    var program = program(ProgramType.PERF_EVENT, null);
    program.attach(
        new PerfPoint.Counter(1, 3, 10, OptionalLong.of(5), OptionalLong.of(1), 0x1_0000_0002L));
    words(
        only(Cmd.LINK_CREATE), PROGRAM, 4, 41, 0, half(0x1_0000_0002L, 0), half(0x1_0000_0002L, 1));
    assertEquals(List.of("perf_event_open 5 1 -1", "close 4"), kernel.others);
  }

  @Test
  void anOrderOfACgroupLengthensTheAttr(@TempDir Path cgroup) {
    var program = program(ProgramType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET4_CONNECT);
    var order = new AttachOrder(AttachOrder.Side.AFTER, AttachOrder.Neighbour.LINK, 9, 2);
    program.attach(new AttachPoint.Cgroup(cgroup, order, true));
    words(only(Cmd.LINK_CREATE), PROGRAM, 4, 10, 0x2070, 9, 0, half(2, 0), half(2, 1));
  }

  @Test
  void withoutALinkTheFlagsSayWhoElseMayBeThere(@TempDir Path cgroup) {
    var program = program(ProgramType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET4_CONNECT);
    for (var mode : LegacyPoint.Mode.values()) {
      program.attachLegacy(new LegacyPoint.Cgroup(cgroup, mode));
    }
    var order = AttachOrder.FIRST.atRevision(6);
    program.attachLegacy(new LegacyPoint.Cgroup(cgroup, LegacyPoint.Mode.MULTI, order));
    var calls = kernel.calls(Cmd.PROG_ATTACH);
    for (int i = 0; i < 3; i++) {
      words(calls.get(i), 4, PROGRAM, 10, i, 0);
    }
    words(calls.getLast(), 4, PROGRAM, 10, 0xa, 0, 0, half(6, 0), half(6, 1));
  }

  @Test
  void replacingNamesTheProgramThatGoes(@TempDir Path cgroup) {
    var one = program(ProgramType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET4_CONNECT);
    var two = program(ProgramType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET4_CONNECT);
    one.attachLegacy(new LegacyPoint.Cgroup(cgroup, LegacyPoint.Mode.MULTI)).replace(two);
    words(kernel.calls(Cmd.PROG_ATTACH).getLast(), 5, 4, 10, 0x6, 3);
  }

  @Test
  void detachingNamesProgramAndPlace(@TempDir Path cgroup) {
    var program = program(ProgramType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET4_CONNECT);
    program.attachLegacy(new LegacyPoint.Cgroup(cgroup, LegacyPoint.Mode.MULTI)).detach();
    words(only(Cmd.PROG_DETACH), 4, PROGRAM, 10, 0);
  }

  @Test
  void aRevisionIsAskedOfTheInterface() {
    kernel.answer =
        (command, attr) -> {
          if (command == Cmd.PROG_QUERY) {
            attr.u64(56, 12);
            return 0;
          }
          return kernel.newFd();
        };
    var program = program(ProgramType.SCHED_CLS, AttachType.TCX_EGRESS);
    assertEquals(12, program.revisionAt(new Tcx(7, Tcx.Direction.EGRESS)));
    words(only(Cmd.PROG_QUERY), 7, 47, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  @Test
  void anUpdateWithAnExpectationNamesTheOldProgram() {
    var one = program(ProgramType.XDP, AttachType.XDP);
    var link = one.attach(new Xdp(7));
    var two = program(ProgramType.XDP, AttachType.XDP);
    link.update(two, one);
    words(only(Cmd.LINK_UPDATE), 4, 5, 4, 3);
  }
}
