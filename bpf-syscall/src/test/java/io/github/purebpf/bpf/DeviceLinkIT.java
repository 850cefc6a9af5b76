package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.AttachPoint.Netkit;
import io.github.purebpf.bpf.AttachPoint.Tcx;
import io.github.purebpf.bpf.AttachPoint.Tcx.Direction;
import io.github.purebpf.bpf.AttachPoint.Xdp;
import io.github.purebpf.bpf.AttachPoint.Xdp.Mode;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Programs at interfaces of a network namespace of the test's own; each appends its digit. */
@RequiresKernel
@NoLeakedFds
class DeviceLinkIT {
  private static final int XDP_PASS = 2;
  private static final int TCX_NEXT = -1;
  private static final int TCX_PASS = 0;
  private static final int ABSENT = 4711;

  private final Traces traces = new Traces();
  private ScratchNetwork network;

  @BeforeEach
  void make() throws IOException {
    network = new ScratchNetwork();
  }

  @AfterEach
  void close() {
    network.close();
    traces.close();
  }

  private BpfProgram xdp(int digit) {
    return traces.load(
        "p" + digit, ProgramType.XDP, AttachType.XDP, Traces.appending(digit, XDP_PASS));
  }

  private BpfProgram classifier(int digit, AttachType hook, int result) {
    return traces.load("p" + digit, ProgramType.SCHED_CLS, hook, Traces.appending(digit, result));
  }

  private BpfProgram ingress(int digit) {
    return classifier(digit, AttachType.TCX_INGRESS, TCX_NEXT);
  }

  private static Tcx in(AttachOrder order) {
    return new Tcx(ScratchNetwork.LOOPBACK, Direction.INGRESS, order);
  }

  /** The digits of the programs that one packet on the loopback interface ran, in their order. */
  private long ping() throws IOException {
    network.ping();
    return traces.take();
  }

  @Test
  void xdpSeesWhatAnInterfaceReceivesUntilTheLinkIsClosed() throws IOException {
    try (var one = xdp(1)) {
      try (var link = network.attach(one, new Xdp(ScratchNetwork.LOOPBACK, Mode.GENERIC))) {
        assertEquals(1, ping());
        assertEquals(new LinkInfo.Xdp(link.id(), one.id(), OptionalInt.of(1)), link.info());
        LinkOracle.agrees(link, one);
        assertEquals("1", LinkOracle.fdInfo(link).get("ifindex"));
        String shown = network.ip("link", "show", "dev", "lo");
        assertTrue(shown.contains("xdpgeneric"), shown);
        assertTrue(shown.contains("prog/xdp id " + one.id()), shown);
      }
      assertEquals(0, ping());
    }
  }

  @Test
  void xdpIsUpdatedInPlaceAndDetached() throws IOException {
    try (var one = xdp(1);
        var two = xdp(2);
        var link = network.attach(one, new Xdp(ScratchNetwork.LOOPBACK))) {
      link.update(two, one);
      assertEquals(2, ping());
      assertEquals(two.id(), link.programId());
      LinkOracle.refused(
          "EPERM",
          "program p1 is not attached any more, but program %d is".formatted(two.id()),
          () -> link.update(one, one));
      link.detach();
      link.detach();
      assertEquals(0, ping());
      assertEquals(new LinkInfo.Xdp(link.id(), two.id(), OptionalInt.empty()), link.info());
      LinkOracle.refused("ENOLINK", "it is detached", () -> link.update(one));
    }
  }

  @Test
  void theDriverRunsXdpWhereItCan() throws Exception {
    network.veth("left", "right", 2);
    int ifindex = network.ifindex("right");
    try (var one = xdp(1);
        var two = xdp(2);
        var link = network.attach(one, new Xdp(ifindex, Mode.DRIVER))) {
      network.broadcast();
      Await.until("the packet", () -> traces.take() == 1);
      String shown = network.ip("link", "show", "dev", "right");
      assertTrue(shown.contains("> mtu") && shown.contains(" xdp "), shown);
      LinkOracle.refused(
          "EBUSY",
          "another program is attached there; see ip link",
          () -> network.attach(two, new Xdp(ifindex, Mode.DRIVER)));
      LinkOracle.refused(
          "EEXIST", "in another mode", () -> network.attach(two, new Xdp(ifindex, Mode.GENERIC)));
      network.ip("link", "del", "right");
      Await.until(
          "the interface to go",
          () -> link.info().equals(new LinkInfo.Xdp(link.id(), one.id(), OptionalInt.empty())));
      LinkOracle.refused("ENOLINK", "interface or namespace was removed", () -> link.update(two));
    }
  }

  @Test
  void aDriverThatHasTooFewQueuesIsExplained() throws IOException {
    network.veth("left", "right", 1);
    var point = new Xdp(network.ifindex("right"), Mode.DRIVER);
    try (var one = xdp(1)) {
      LinkOracle.refused(
          "ENOSPC",
          "the driver has too few queues for it; see ethtool -l, or take the mode GENERIC",
          () -> network.attach(one, point));
    }
  }

  @Test
  void xdpThatCannotBeIsExplained() {
    try (var one = xdp(1);
        var map =
            traces.load(
                "map", ProgramType.XDP, AttachType.XDP_DEVMAP, Traces.appending(1, XDP_PASS))) {
      LinkOracle.refused(
          "EOPNOTSUPP",
          "the driver of the interface cannot run programs; take the mode GENERIC",
          () -> network.attach(one, new Xdp(ScratchNetwork.LOOPBACK, Mode.DRIVER)));
      LinkOracle.refused(
          "EINVAL",
          "there is no such interface in the network namespace of this thread",
          () -> network.attach(one, new Xdp(ABSENT)));
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () -> network.attach(map, new Xdp(ScratchNetwork.LOOPBACK)));
      assertTrue(e.getMessage().contains("BPF_XDP_DEVMAP"), e::getMessage);
    }
    assertThrows(IllegalArgumentException.class, () -> network.ifindex("none"));
  }

  @Test
  void tcxSeesBothDirections() throws IOException {
    try (var one = ingress(1);
        var two = classifier(2, AttachType.TCX_EGRESS, TCX_NEXT)) {
      try (var in = network.attach(one, in(AttachOrder.LAST));
          var out = network.attach(two, new Tcx(ScratchNetwork.LOOPBACK, Direction.EGRESS))) {
        assertEquals(21, ping());
        assertEquals(
            new LinkInfo.Tcx(
                in.id(), one.id(), OptionalInt.of(1), Optional.of(AttachType.TCX_INGRESS)),
            in.info());
        assertEquals(
            new LinkInfo.Tcx(
                out.id(), two.id(), OptionalInt.of(1), Optional.of(AttachType.TCX_EGRESS)),
            out.info());
        LinkOracle.agrees(in, one);
        assertEquals("1", LinkOracle.fdInfo(out).get("ifindex"));
        assertEquals("46 (ingress)", LinkOracle.fdInfo(in).get("attach_type"));
      }
      assertEquals(0, ping());
    }
  }

  @Test
  void tcxProgramsRunInTheirOrderUntilOneDecides() throws IOException {
    try (var one = ingress(1);
        var two = ingress(2);
        var three = ingress(3);
        var last = classifier(4, AttachType.TCX_INGRESS, TCX_PASS);
        var first = network.attach(one, in(AttachOrder.LAST));
        var _ = network.attach(two, in(AttachOrder.FIRST))) {
      assertEquals(21, ping());
      try (var _ = network.attach(three, in(AttachOrder.before(first)))) {
        assertEquals(231, ping());
      }
      try (var _ = network.attach(three, in(AttachOrder.after(two)))) {
        assertEquals(231, ping());
      }
      try (var _ = network.attach(three, in(AttachOrder.after(first)))) {
        assertEquals(213, ping());
      }
      try (var _ = network.attach(last, in(AttachOrder.FIRST))) {
        assertEquals(4, ping());
      }
      LinkOracle.refused(
          "EEXIST",
          "the program is attached there already",
          () -> network.attach(two, in(AttachOrder.LAST)));
      LinkOracle.refused(
          "ENOENT",
          "the neighbour is not attached there",
          () -> network.attach(three, in(AttachOrder.before(last))));
    }
  }

  @Test
  void tcxRefusesARevisionThatIsOver() throws IOException {
    try (var one = ingress(1);
        var two = ingress(2)) {
      long before = revision(two);
      try (var _ = network.attach(one, in(AttachOrder.LAST))) {
        long now = revision(two);
        assertTrue(now > before, () -> before + " and " + now);
        LinkOracle.refused(
            "ESTALE",
            "since that revision",
            () -> network.attach(two, in(AttachOrder.LAST.atRevision(before))));
        try (var _ = network.attach(two, in(AttachOrder.FIRST.atRevision(now)))) {
          assertEquals(21, ping());
        }
      }
    }
  }

  @Test
  void tcxTakesSoManyProgramsAndNoMore() {
    var open = new ArrayList<AutoCloseable>();
    try (var one = ingress(1)) {
      try {
        for (int i = 0; i < 63; i++) {
          var program = ingress(2);
          open.add(program);
          open.add(network.attach(program, in(AttachOrder.LAST)));
        }
        LinkOracle.refused(
            "ERANGE",
            "63 programs are attached there already",
            () -> network.attach(one, in(AttachOrder.LAST)));
      } finally {
        for (var object : open) {
          assertDoesNotThrow(object::close);
        }
      }
    }
  }

  private long revision(BpfProgram program) {
    return network.call(() -> program.revisionAt(in(AttachOrder.LAST)));
  }

  @Test
  void tcxIsUpdatedInPlaceAndDetached() throws IOException {
    try (var one = ingress(1);
        var two = ingress(2);
        var three = ingress(3);
        var link = network.attach(one, in(AttachOrder.LAST));
        var _ = network.attach(two, in(AttachOrder.LAST))) {
      link.update(three, one);
      assertEquals(32, ping());
      LinkOracle.refused("EPERM", "is not attached any more", () -> link.update(one, one));
      link.detach();
      link.detach();
      assertEquals(2, ping());
      assertEquals(
          new LinkInfo.Tcx(
              link.id(), three.id(), OptionalInt.empty(), Optional.of(AttachType.TCX_INGRESS)),
          link.info());
      LinkOracle.refused("ENOLINK", "it is detached", () -> link.update(one));
    }
  }

  @Test
  void tcxOfAnInterfaceThatIsNotThereIsExplained() {
    try (var one = ingress(1);
        var xdp = xdp(2)) {
      var absent = new Tcx(ABSENT, Direction.INGRESS);
      String words = "there is no such interface in the network namespace of this thread";
      LinkOracle.refused("ENODEV", words, () -> network.attach(one, absent));
      LinkOracle.refused("ENODEV", words, () -> network.call(() -> one.revisionAt(absent)));
      assertThrows(IllegalArgumentException.class, () -> network.attach(xdp, in(AttachOrder.LAST)));
      var egress = new Tcx(ScratchNetwork.LOOPBACK, Direction.EGRESS);
      assertThrows(IllegalArgumentException.class, () -> network.attach(one, egress));
    }
  }

  /** Whether there are netkit devices now, named nk and nkp. */
  private boolean netkit() {
    try {
      network.ip("link", "add", "nk", "type", "netkit");
      return true;
    } catch (IOException e) {
      assertTrue(e.getMessage().contains("Unknown device type"), e::getMessage);
      return false;
    }
  }

  @Test
  void netkitSeesWhatItsDeviceSendsOrTheKernelIsBuiltWithoutIt() throws Exception {
    try (var one = classifier(1, AttachType.NETKIT_PRIMARY, TCX_NEXT);
        var two = classifier(2, AttachType.NETKIT_PRIMARY, TCX_NEXT)) {
      if (!netkit()) {
        LinkOracle.refused(
            "EINVAL",
            "the interface is no netkit device, or this kernel is built without CONFIG_NETKIT",
            () -> network.attach(one, new Netkit(ScratchNetwork.LOOPBACK, Netkit.Side.PRIMARY)));
        return;
      }
      network.ip("addr", "add", "10.77.0.1/24", "brd", "+", "dev", "nk");
      network.ip("link", "set", "nk", "up");
      int ifindex = network.ifindex("nk");
      try (var link = network.attach(one, new Netkit(ifindex, Netkit.Side.PRIMARY))) {
        network.broadcast();
        Await.until("the packet", () -> traces.take() == 1);
        assertEquals(
            new LinkInfo.Netkit(
                link.id(),
                one.id(),
                OptionalInt.of(ifindex),
                Optional.of(AttachType.NETKIT_PRIMARY)),
            link.info());
        link.update(two, one);
        network.broadcast();
        Await.until("the packet", () -> traces.take() == 2);
        link.detach();
        LinkOracle.refused("ENOLINK", "it is detached", () -> link.update(one));
      }
    }
  }
}
