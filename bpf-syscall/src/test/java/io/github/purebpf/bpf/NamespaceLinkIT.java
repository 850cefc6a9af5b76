package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.AttachPoint.Netfilter;
import io.github.purebpf.bpf.AttachPoint.Netns;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.Bpftool;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Programs in a network namespace of the test's own; each appends its digit. */
@RequiresKernel
@NoLeakedFds
class NamespaceLinkIT {
  private static final int SK_PASS = 1;
  private static final int DISSECT_AS_ALWAYS = 129;
  private static final int NF_ACCEPT = 1;
  private static final int IPV4 = 2;
  private static final int OUT = 3;

  private final Traces traces = new Traces();
  private ScratchNetwork network;
  private Netns point;

  @BeforeEach
  void make() throws IOException {
    network = new ScratchNetwork();
    point = new Netns(network.namespace());
  }

  @AfterEach
  void close() {
    network.close();
    traces.close();
  }

  private BpfProgram lookup(int digit) {
    return traces.load(
        "p" + digit, ProgramType.SK_LOOKUP, AttachType.SK_LOOKUP, Traces.appending(digit, SK_PASS));
  }

  private BpfProgram dissector(int digit) {
    return traces.load(
        "p" + digit,
        ProgramType.FLOW_DISSECTOR,
        AttachType.FLOW_DISSECTOR,
        Traces.appending(digit, DISSECT_AS_ALWAYS));
  }

  private BpfProgram filter(int digit) {
    return traces.load(
        "p" + digit,
        ProgramType.NETFILTER,
        AttachType.NETFILTER,
        Traces.appending(digit, NF_ACCEPT));
  }

  /** The digits of the programs that one datagram on the loopback interface ran. */
  private long ping() throws IOException {
    network.ping();
    return traces.take();
  }

  /** The number of the namespace, as its file has it. */
  private long inode() throws IOException {
    return network.call(
        () -> (Long) Files.getAttribute(Path.of("/proc/thread-self/ns/net"), "unix:ino"));
  }

  @Test
  void aLookupOfASocketRunsTheProgramUntilTheLinkIsClosed() throws IOException {
    try (var one = lookup(1);
        var two = lookup(2)) {
      try (var link = one.attach(point);
          var _ = two.attach(point)) {
        assertEquals(12, ping());
        var expected =
            new LinkInfo.Netns(
                link.id(), one.id(), OptionalLong.of(inode()), Optional.of(AttachType.SK_LOOKUP));
        assertEquals(expected, link.info());
        LinkOracle.agrees(link, one);
        String shown = Bpftool.run("-j", "link", "show", "id", Integer.toString(link.id()));
        assertTrue(shown.contains("\"type\":\"netns\""), shown);
        assertTrue(shown.contains("\"netns_ino\":" + inode()), shown);
        assertTrue(shown.contains("\"attach_type\":\"sk_lookup\""), shown);
      }
      assertEquals(0, ping());
    }
  }

  @Test
  void aLookupIsUpdatedInPlaceAndDetached() throws IOException {
    try (var one = lookup(1);
        var two = lookup(2);
        var three = lookup(3);
        var dissector = dissector(4);
        var link = one.attach(point);
        var _ = two.attach(point)) {
      link.update(three, one);
      assertEquals(32, ping());
      LinkOracle.refused("EPERM", "is not attached any more", () -> link.update(one, one));
      assertThrows(IllegalArgumentException.class, () -> link.update(dissector));
      link.detach();
      link.detach();
      assertEquals(2, ping());
      assertEquals(
          new LinkInfo.Netns(
              link.id(), three.id(), OptionalLong.empty(), Optional.of(AttachType.SK_LOOKUP)),
          link.info());
      LinkOracle.refused("ENOLINK", "it is detached", () -> link.update(one));
    }
  }

  @Test
  void aNamespaceTakesSoManyLookupsAndNoMore() {
    try (var one = lookup(1)) {
      var links = new ArrayList<BpfLink>();
      try {
        for (int i = 0; i < 64; i++) {
          links.add(one.attach(point));
        }
        LinkOracle.refused(
            "E2BIG",
            "64 programs are attached there already, and no more fit; detach one",
            () -> one.attach(point));
      } finally {
        links.forEach(BpfLink::close);
      }
    }
  }

  @Test
  void whatIsNoNamespaceIsExplained() {
    try (var one = lookup(1);
        var file = NetworkNamespace.open(Path.of("/proc/self/status"));
        var filter = filter(2)) {
      LinkOracle.refused(
          "EINVAL", "that is no network namespace", () -> one.attach(new Netns(file)));
      assertThrows(IllegalArgumentException.class, () -> filter.attach(point));
    }
  }

  @Test
  void aNamespaceThatHasGoneLeavesTheLinkWithoutEffect() throws Exception {
    try (var one = lookup(1);
        var two = lookup(2)) {
      BpfLink link;
      try (var namespace = NetworkNamespace.create()) {
        link = one.attach(new Netns(namespace));
      }
      try (link) {
        Await.until(
            "the namespace to go",
            () -> link.info() instanceof LinkInfo.Netns netns && netns.inode().isEmpty());
        LinkOracle.refused("ENOLINK", "namespace was removed", () -> link.update(two));
      }
    }
  }

  @Test
  void aPacketIsDissectedByTheProgram() throws Exception {
    network.veth("left", "right", 1);
    try (var one = dissector(1);
        var two = dissector(2);
        var link = one.attach(point)) {
      network.broadcast();
      Await.until("the packet", () -> last(traces.take()) == 1);
      assertEquals(
          new LinkInfo.Netns(
              link.id(),
              one.id(),
              OptionalLong.of(inode()),
              Optional.of(AttachType.FLOW_DISSECTOR)),
          link.info());
      LinkOracle.agrees(link, one);
      LinkOracle.refused(
          "E2BIG", "a flow dissector is attached there; there is but one", () -> two.attach(point));
      link.update(two, one);
      network.broadcast();
      Await.until("the packet", () -> last(traces.take()) == 2);
      link.detach();
      LinkOracle.refused("ENOLINK", "it is detached", () -> link.update(one));
      try (var _ = one.attach(point)) {
        network.broadcast();
        Await.until("the packet", () -> last(traces.take()) == 1);
      }
    }
  }

  private static long last(long digits) {
    return digits % 10;
  }

  @Test
  void netfilterRunsProgramsByTheirPriority() throws IOException {
    try (var one = filter(1);
        var two = filter(2)) {
      try (var link = network.attach(one, new Netfilter(IPV4, OUT, 10));
          var _ = network.attach(two, new Netfilter(IPV4, OUT, -10))) {
        assertEquals(21, ping());
        assertEquals(new LinkInfo.Netfilter(link.id(), one.id(), IPV4, OUT, 10, 0), link.info());
        LinkOracle.agrees(link, one);
        LinkOracle.refused(
            "EBUSY",
            "another program is attached there with this priority",
            () -> network.attach(two, new Netfilter(IPV4, OUT, 10)));
      }
      assertEquals(0, ping());
    }
  }

  @Test
  void netfilterHasNoUpdateButADetachment() throws IOException {
    try (var one = filter(1);
        var two = filter(2);
        var link = network.attach(one, new Netfilter(IPV4, OUT, 1))) {
      LinkOracle.refused("EOPNOTSUPP", "links of this kind have no update", () -> link.update(two));
      assertEquals(1, ping());
      link.detach();
      link.detach();
      assertEquals(0, ping());
    }
  }

  @Test
  void netfilterThatCannotBeIsExplained() {
    try (var one = filter(1);
        var lookup = lookup(2)) {
      LinkOracle.refused(
          "EAFNOSUPPORT",
          "family 1 is neither 2 (IPv4) nor 10 (IPv6)",
          () -> network.attach(one, new Netfilter(1, OUT, 1)));
      assertThrows(
          IllegalArgumentException.class,
          () -> network.attach(lookup, new Netfilter(IPV4, OUT, 1)));
    }
  }
}
