package io.github.purebpf.redirect;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.redirect.controller.ContainerAddresses;
import io.github.purebpf.redirect.controller.Controller;
import io.github.purebpf.redirect.controller.ControllerEvent;
import io.github.purebpf.redirect.controller.ControllerOptions;
import io.github.purebpf.redirect.controller.ControllerOptions.Evening;
import io.github.purebpf.redirect.controller.ControllerOptions.Leaving;
import io.github.purebpf.redirect.controller.Patience;
import io.github.purebpf.redirect.controller.RangeFullException;
import io.github.purebpf.redirect.source.Finding;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Containers with addresses of their own. */
@RequiresKernel
@NoLeakedFds
class LeasesIT {
  private static final Duration NONE = Duration.ZERO;
  private static final Duration LONG = Duration.ofHours(1);

  /** Of two addresses. */
  private static final AddressRange RANGE = AddressRange.parse("127.78.0.0/30:8500");

  private final ToldSource source = new ToldSource();
  private final List<ControllerEvent> events = new CopyOnWriteArrayList<>();
  private NamespaceBed net;
  private Server x;
  private Server y;
  private Connect4Redirect redirect;
  private RedirectTable table;
  private Path slice;

  @BeforeEach
  void open() throws IOException {
    net = new NamespaceBed();
    x = net.serve("X", 7001);
    y = net.serve("Y", 7002);
    slice = net.bed.cgroup.child("slice");
    redirect = Connect4Redirect.open();
    table = redirect.table();
    redirect.attach(net.bed.cgroup.path());
  }

  @AfterEach
  void close() throws IOException {
    redirect.close();
    net.close();
  }

  private Controller start(Optional<Duration> keep) {
    return Controller.start(
        table,
        source,
        new ControllerOptions(
            List.of(Service.of(net.vip).withNoServer(NoServer.UNREACHABLE)),
            keep.map(time -> new ContainerAddresses(RANGE, time)),
            new Patience(NONE, NONE, NONE, 0.5),
            Optional.empty(),
            Optional.of(new Leaving(NONE, 1000)),
            Optional.of(new Evening(NONE, 0, 1))),
        events::add);
  }

  private Path make(String name) throws IOException {
    return Files.createDirectory(slice.resolve(name));
  }

  private List<Server> servers(VirtualAddress vip) {
    return table.get(vip).orElseThrow().servers().stream().map(WeightedServer::server).toList();
  }

  private void awaitServers(VirtualAddress vip, Server... servers) throws InterruptedException {
    Await.until(List.of(servers) + "", () -> servers(vip).equals(List.of(servers)));
  }

  private static String serverOf(Client client) {
    return get(client.ask("servers"));
  }

  private Client holding(Path cgroup, VirtualAddress vip) throws IOException {
    var client = net.client(1, cgroup, ReturningProgram.class);
    get(client.ask("hold 1 " + vip.toString().replace(':', ' ')));
    return client;
  }

  @Test
  void eachContainerHasItsAddressAndTheServersTheirShares() throws Exception {
    var a = make("a");
    var b = make("b");
    try (var controller = start(Optional.of(LONG))) {
      source.finds(x, y);
      awaitServers(net.vip, x, y);
      var ofA = controller.lease(a);
      var ofB = controller.lease(b);
      assertEquals(ofA, controller.lease(a), "the same again");
      assertNotEquals(ofA, ofB);
      assertEquals(
          Set.of(x, y), Set.of(servers(ofA).getFirst(), servers(ofB).getFirst()), "one for each");
      assertEquals(NoServer.UNREACHABLE, table.get(ofA).orElseThrow().noServer());
      var expected = servers(ofA).equals(List.of(x)) ? "X1" : "Y1";
      assertEquals(expected, serverOf(holding(a, ofA)));
      assertEquals(
          new TreeMap<>(Map.of(ofA, new AddressLease(ofA, a), ofB, new AddressLease(ofB, b))),
          table.leases());
      assertEquals(List.copyOf(table.leases().values()), controller.status().leases());
      assertTrue(events.contains(new ControllerEvent.Leased(new AddressLease(ofA, a))));
    }
  }

  @Test
  void whoeverRestartsFindsTheSame() throws Exception {
    var a = make("a");
    VirtualAddress vip;
    try (var controller = start(Optional.of(LONG))) {
      source.finds(x);
      vip = controller.lease(a);
      awaitServers(vip, x);
    }
    // Even one that has no range any more keeps it, and its servers.
    try (var controller = start(Optional.empty())) {
      assertEquals(List.of(x), servers(vip));
      assertEquals(vip, controller.lease(a));
      var e = assertThrows(IllegalStateException.class, () -> controller.lease(make("b")));
      assertTrue(e.getMessage().contains("no range"), e.getMessage());
      source.finds(y);
      awaitServers(vip, y);
    }
  }

  @Test
  void addressesOfOthersAreLeftOutAndAFullRangeGivesNone() throws Exception {
    var byHand = VirtualAddress.parse("127.78.0.1:8500");
    table.put(byHand, y);
    try (var controller = start(Optional.of(NONE))) {
      source.finds(x);
      var a = make("a");
      assertEquals(VirtualAddress.parse("127.78.0.2:8500"), controller.lease(a));
      var b = make("b");
      var e = assertThrows(RangeFullException.class, () -> controller.lease(b));
      assertTrue(e.getMessage().startsWith("none of the 2 addresses of " + RANGE), e.getMessage());
      assertEquals(1, table.leases().size());
      assertEquals(List.of(y), servers(byHand), "what others have put stays theirs");
      table.remove(byHand);
      assertEquals(byHand, controller.lease(b));
      Files.delete(a);
      Await.until("a is released", () -> controller.status().leases().size() == 1);
      assertEquals(Optional.empty(), table.get(VirtualAddress.parse("127.78.0.2:8500")));
      assertEquals(VirtualAddress.parse("127.78.0.2:8500"), controller.lease(make("c")));
    }
  }

  @Test
  void aContainerThatIsMadeAgainInTimeHasTheSame() throws Exception {
    var a = make("a");
    try (var controller = start(Optional.of(LONG))) {
      source.finds(x);
      var vip = controller.lease(a);
      Files.delete(a);
      assertEquals(vip, controller.lease(make("a")));
      assertEquals(1, controller.status().leases().size());
    }
  }

  @Test
  void aFollowerLeasesAndWaitsWhereNoneIsFree() throws Exception {
    var news = new FollowerNews();
    try (var controller = start(Optional.of(NONE));
        var _ =
            CgroupFollower.start(
                CgroupsBelow.childrenOf(slice),
                controller.leasing(CgroupWork.listing(table)),
                news)) {
      source.finds(x);
      for (var name : List.of("a", "b")) {
        assertEquals("began " + make(name), news.next());
      }
      var c = make("c");
      assertTrue(news.next().startsWith("failed " + c));
      assertEquals(2, table.leases().size());
      Files.delete(slice.resolve("a"));
      assertEquals("gone " + slice.resolve("a"), news.next());
      assertEquals("began " + c, news.next());
    }
  }

  @Test
  void aServerThatJoinsGetsItsShareAndOneThatLeavesIsLeft() throws Exception {
    try (var controller = start(Optional.of(LONG))) {
      source.finds(x);
      awaitServers(net.vip, x);
      var ofA = controller.lease(make("a"));
      var ofB = controller.lease(make("b"));
      var clients = List.of(holding(slice.resolve("a"), ofA), holding(slice.resolve("b"), ofB));
      assertEquals(List.of("X1", "X1"), clients.stream().map(LeasesIT::serverOf).toList());
      source.finds(x, y);
      Await.until(
          "one is moved",
          () ->
              clients.stream()
                  .map(LeasesIT::serverOf)
                  .sorted()
                  .toList()
                  .equals(List.of("X1", "Y1")));
      Await.until("it is told", () -> moves().size() == 1);
      assertEquals(x, moves().getFirst().from());
      assertEquals(y, moves().getFirst().to());
      assertEquals(1, moves().getFirst().report().orElseThrow().closed());
      source.finds(y);
      Await.until(
          "all are there",
          () -> clients.stream().map(LeasesIT::serverOf).toList().equals(List.of("Y1", "Y1")));
      var lost = clients.stream().map(client -> get(client.ask("lost"))).sorted().toList();
      assertEquals(List.of("1", "1"), lost, "nobody is cut off for nothing");
    }
  }

  @Test
  void aServerThatKeepsNoConnectionIsLeft() throws Exception {
    try (var controller = start(Optional.of(LONG))) {
      source.finds(x, y);
      awaitServers(net.vip, x, y);
      var vip = controller.lease(make("a"));
      var first = servers(vip).getFirst();
      var client = net.client(1, slice.resolve("a"), SocketProgram.class);
      int[] tries = {0};
      Await.until(
          "it has another",
          () -> {
            String name = "s" + tries[0]++;
            NamespaceBed.connect(client, name, "inet", vip);
            get(client.ask("close " + name));
            return !servers(vip).contains(first);
          });
      assertEquals(Optional.empty(), moves().getFirst().report());
    }
  }

  private List<ControllerEvent.Moved> moves() {
    return events.stream()
        .filter(ControllerEvent.Moved.class::isInstance)
        .map(ControllerEvent.Moved.class::cast)
        .toList();
  }

  @Test
  void whatIsThoughtOfTheSourceIsInTheTable() throws Exception {
    assertEquals(Optional.empty(), table.source());
    try (var _ = start(Optional.empty())) {
      source.finds(x);
      Await.until(
          "it is well",
          () -> table.source().filter(state -> state.heard().isPresent()).isPresent());
      assertEquals("a test", table.source().orElseThrow().source());
      assertEquals(Optional.empty(), table.source().orElseThrow().problem());
      var words = "nobody answers: " + "\u00e9".repeat(2000);
      source.finds(new Finding.Failed(words));
      Await.until("it is said", () -> table.source().orElseThrow().problem().isPresent());
      var problem = table.source().orElseThrow().problem().orElseThrow();
      assertTrue(words.startsWith(problem) && problem.endsWith("\u00e9"), problem);
    }
    assertTrue(table.source().orElseThrow().problem().isPresent(), "it outlives the controller");
  }

  @Test
  void whatFailsLeavesNoLease() throws Exception {
    var lease = new AddressLease(VirtualAddress.parse("127.78.0.1:8500"), slice);
    var other = new AddressLease(lease.vip(), make("a"));
    table.edit(
        edit -> {
          edit.putLease(lease);
          return null;
        });
    assertThrows(
        IllegalStateException.class,
        () ->
            table.edit(
                edit -> {
                  edit.putLease(other);
                  edit.removeLease(other.vip());
                  edit.putLease(new AddressLease(VirtualAddress.parse("127.78.0.2:8500"), slice));
                  throw new IllegalStateException("on purpose");
                }));
    assertEquals(List.of(lease), List.copyOf(table.leases().values()));
  }
}
