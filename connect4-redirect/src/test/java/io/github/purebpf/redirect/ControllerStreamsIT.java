package io.github.purebpf.redirect;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.redirect.cli.demo.DemoConsul;
import io.github.purebpf.redirect.consul.ConsulOptions;
import io.github.purebpf.redirect.consul.ConsulWatch;
import io.github.purebpf.redirect.controller.Controller;
import io.github.purebpf.redirect.controller.ControllerEvent;
import io.github.purebpf.redirect.controller.ControllerOptions;
import io.github.purebpf.redirect.controller.ControllerOptions.Evening;
import io.github.purebpf.redirect.controller.ControllerOptions.Leaving;
import io.github.purebpf.redirect.controller.HealthCheck;
import io.github.purebpf.redirect.controller.Patience;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Long streams of many clients follow Consul's servers, and stay within Consul's cap. */
@RequiresKernel
@NoLeakedFds
class ControllerStreamsIT {
  private static final int CLIENTS = 100;

  /** Long enough for what evens out by itself when a server dies. */
  private static final Evening EVENING = new Evening(Duration.ofSeconds(6), 0.1, 0.5);

  private static final Leaving LEAVING = new Leaving(Duration.ZERO, 1000);
  private static final Patience AT_ONCE =
      new Patience(Duration.ZERO, Duration.ZERO, Duration.ZERO, 0.5);

  /** Connects of programs decide: those of this process come from another network namespace. */
  private static final HealthCheck PASSIVE =
      new HealthCheck(Duration.ofMinutes(10), Duration.ofSeconds(1), 3, 1, Duration.ofMinutes(10));

  private static final Keepalive KEEPALIVE =
      new Keepalive(Duration.ofSeconds(1), Duration.ofSeconds(1), 2, Duration.ZERO);

  private final Map<String, StreamServer> servers = new LinkedHashMap<>();
  private final List<ControllerEvent> events = new CopyOnWriteArrayList<>();
  private NamespaceBed net;
  private Connect4Redirect redirect;
  private RedirectTable table;
  private DemoConsul consul;
  private Client clients;

  /** Who serves each client, and how often each has lost a connection or a stream. */
  private record Streams(List<String> servers, List<Integer> lost, List<Integer> exhausted) {
    /** For each client how often since then. */
    List<Integer> lostSince(Streams before) {
      return IntStream.range(0, CLIENTS).mapToObj(i -> lost.get(i) - before.lost.get(i)).toList();
    }

    /** What it would be if just the clients of one server had lost their connections once. */
    List<Integer> those(String server) {
      return servers.stream().map(s -> s.equals(server) ? 1 : 0).toList();
    }
  }

  @BeforeEach
  void open() throws IOException {
    net = new NamespaceBed();
    redirect = Connect4Redirect.open();
    table = redirect.table();
    redirect.attach(net.bed.cgroup.path());
    consul = DemoConsul.start();
    for (var name : List.of("X", "Y", "Z")) {
      join(name);
    }
    clients = net.client(1, StreamsProgram.class);
  }

  @AfterEach
  void close() throws IOException {
    consul.close();
    redirect.close();
    for (var server : servers.values()) {
      server.close();
    }
    net.close();
  }

  private void join(String name) throws IOException {
    int port = 7001 + servers.size();
    var server = net.namespace(1).call(() -> StreamServer.start(name, port));
    servers.put(name, server);
    consul.join(name, server.server());
  }

  private void awaitServers(String... names) throws InterruptedException {
    var expected = Arrays.stream(names).map(name -> servers.get(name).server()).toList();
    Await.until(
        "the servers " + Arrays.toString(names),
        () ->
            table.get(net.vip).orElseThrow().servers().stream()
                .map(WeightedServer::server)
                .toList()
                .equals(expected));
  }

  private List<String> ask(String what) {
    return List.of(get(clients.ask(what)).split(" "));
  }

  private List<Integer> numbers(String what) {
    return ask(what).stream().map(Integer::valueOf).toList();
  }

  private Streams streams() {
    return new Streams(ask("servers"), numbers("lost"), numbers("exhausted"));
  }

  /** All clients have a stream, none of them at a server that is not named. */
  private Streams awaitStreams(String... names) throws InterruptedException {
    Await.until(
        "streams to " + Arrays.toString(names), () -> List.of(names).containsAll(ask("servers")));
    return streams();
  }

  /** How many streams Consul lets a server have. */
  private static int cap(int servers) {
    return Math.ceilDiv(CLIENTS * 11, servers * 10);
  }

  /** Consul's servers keep to it. Returns how many streams they have ended for that. */
  private int capAll(int cap) throws IOException {
    int ended = 0;
    for (var server : servers.values()) {
      ended += server.cap(cap);
    }
    return ended;
  }

  private void assertWithin(int cap, String... names) {
    for (var name : names) {
      int count = servers.get(name).streams();
      assertTrue(count <= cap, () -> name + " has " + count + " streams of " + cap);
    }
  }

  private int rebalanced() {
    return events.stream()
        .mapToInt(
            event ->
                event instanceof ControllerEvent.Rebalanced(var _, var report)
                    ? Math.toIntExact(report.closed())
                    : 0)
        .sum();
  }

  private static int sum(List<Integer> numbers) {
    return numbers.stream().mapToInt(Integer::intValue).sum();
  }

  @Test
  void streamsFollowTheServersAndNobodyIsCutOffForNothing() throws Exception {
    var options =
        new ControllerOptions(
            List.of(Service.of(net.vip).withKeepalive(KEEPALIVE)),
            Optional.empty(),
            AT_ONCE,
            Optional.of(PASSIVE),
            Optional.of(LEAVING),
            Optional.of(EVENING));
    var source = new ConsulWatch(ConsulOptions.of(List.of(consul.uri())));
    try (var _ = Controller.start(table, source, options, events::add)) {
      awaitServers("X", "Y", "Z");
      get(clients.ask("hold %d %s".formatted(CLIENTS, net.vip.toString().replace(':', ' '))));
      var start = awaitStreams("X", "Y", "Z");
      assertWithin(cap(3), "X", "Y", "Z");
      capAll(cap(3));

      // One joins: Consul lets the others have fewer, and ends streams while TCP stays.
      join("W");
      awaitServers("X", "Y", "Z", "W");
      int ended = capAll(cap(4));
      assertEquals(CLIENTS - 3 * cap(4), ended);
      Await.until("the new server has them", () -> servers.get("W").streams() >= ended);
      Await.until(
          "the rest is evened out", () -> rebalanced() > 0 && sum(numbers("lost")) == rebalanced());
      var joined = awaitStreams("X", "Y", "Z", "W");
      assertWithin(cap(4), "X", "Y", "Z", "W");
      assertEquals(CLIENTS / 4, servers.get("W").streams());
      assertEquals(ended, sum(joined.exhausted()));
      assertEquals(0, sum(start.lost()));
      assertEquals(CLIENTS / 4, ended + rebalanced(), "what has moved is what was missing");
      for (int i = 0; i < CLIENTS; i++) {
        assertTrue(joined.lost().get(i) + joined.exhausted().get(i) <= 1, "client " + i);
      }

      // One leaves.
      capAll(cap(3));
      consul.leave("Y");
      awaitServers("X", "Z", "W");
      var left = awaitStreams("X", "Z", "W");
      assertWithin(cap(3), "X", "Z", "W");
      assertEquals(joined.those("Y"), left.lostSince(joined));

      // One dies: nothing that is sent to it arrives.
      capAll(cap(2));
      try (var loss = ForeignProgram.losing(servers.get("Z").server().port());
          var _ = loss.attachToCgroup(net.bed.cgroup.path())) {
        var died = awaitStreams("X", "W");
        awaitServers("X", "W");
        assertEquals(left.those("Z"), died.lostSince(left));
        consul.leave("Z");
        Await.until(
            "it is gone",
            () -> events.contains(new ControllerEvent.Left(servers.get("Z").server())));
        assertWithin(cap(2), "X", "W");
        assertEquals(died, streams());
      }
    }
    assertEquals(0, table.traffic(net.vip).orElseThrow().refused(), "there always was a server");
    for (var server : servers.values()) {
      assertEquals(0, server.refused(), "no new stream was one too many");
    }
    assertEquals(
        List.of(),
        events.stream().filter(event -> event instanceof ControllerEvent.Failed).toList());
  }

  /** A limit: docs/scale.md says how often that is. */
  @Test
  void aStreamWhoseShareIsAtAFullServerWaitsForRoomThere() throws Exception {
    var x = servers.get("X");
    var y = servers.get("Y");
    table.put(Service.of(net.vip, x.server(), y.server()));
    get(clients.ask("hold 4 " + net.vip.toString().replace(':', ' ')));
    Await.until("an even load", () -> x.streams() == 2 && y.streams() == 2);
    assertEquals(1, x.cap(1));
    Await.until("it comes back again and again", () -> x.refused() >= 5);
    assertEquals(2, y.streams());
    x.cap(2);
    awaitStreams("X", "Y");
    assertEquals(2, x.streams());
  }
}
