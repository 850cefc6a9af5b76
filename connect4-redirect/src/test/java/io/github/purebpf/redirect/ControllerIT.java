package io.github.purebpf.redirect;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.redirect.controller.Controller;
import io.github.purebpf.redirect.controller.ControllerEvent;
import io.github.purebpf.redirect.controller.ControllerOptions;
import io.github.purebpf.redirect.controller.ControllerOptions.Evening;
import io.github.purebpf.redirect.controller.ControllerOptions.Leaving;
import io.github.purebpf.redirect.controller.ControllerStatus.ServerStatus;
import io.github.purebpf.redirect.controller.HealthCheck;
import io.github.purebpf.redirect.controller.Patience;
import io.github.purebpf.redirect.controller.Standing;
import io.github.purebpf.redirect.source.Finding;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The servers of an address follow their source, and connections follow the servers. */
@RequiresKernel
@NoLeakedFds
class ControllerIT {
  private static final Duration NONE = Duration.ZERO;

  /** What is not named is gone at once. */
  private static final Patience AT_ONCE = new Patience(NONE, NONE, NONE, 0.5);

  private static final Leaving LEAVING = new Leaving(NONE, 1000);
  private static final Evening EVENING = new Evening(NONE, 0, 1);

  private NamespaceBed net;
  private Server x;
  private Server y;
  private Server z;
  private Connect4Redirect redirect;
  private RedirectTable table;
  private final ToldSource source = new ToldSource();
  private final List<ControllerEvent> events = new CopyOnWriteArrayList<>();

  @BeforeEach
  void open() throws IOException {
    net = new NamespaceBed();
    x = net.serve("X", 7001);
    y = net.serve("Y", 7002);
    z = net.serve("Z", 7003);
    redirect = Connect4Redirect.open();
    table = redirect.table();
    redirect.attach(net.bed.cgroup.path());
  }

  @AfterEach
  void close() throws IOException {
    redirect.close();
    net.close();
  }

  private Controller start(Optional<HealthCheck> health, Patience patience) {
    var options =
        new ControllerOptions(
            List.of(Service.of(net.vip)),
            Optional.empty(),
            patience,
            health,
            Optional.of(LEAVING),
            Optional.of(EVENING));
    return Controller.start(table, source, options, events::add);
  }

  private List<Server> servers() {
    return table.get(net.vip).orElseThrow().servers().stream().map(WeightedServer::server).toList();
  }

  private void awaitServers(Server... servers) throws InterruptedException {
    Await.until(Arrays.toString(servers), () -> servers().equals(List.of(servers)));
  }

  private List<Long> held() {
    return table.traffic(net.vip).orElseThrow().servers().stream()
        .map(ServerTraffic::open)
        .toList();
  }

  private void awaitOpen(Long... open) throws InterruptedException {
    Await.until(Arrays.toString(open), () -> held().equals(List.of(open)));
  }

  private Client holding(int count) throws IOException {
    var client = net.client(1, ReturningProgram.class);
    var names =
        get(client.ask("hold %d %s".formatted(count, net.vip.toString().replace(':', ' '))));
    assertEquals(count, names.split(" ").length);
    return client;
  }

  @Test
  void connectionsFollowTheServers() throws Exception {
    try (var _ = start(Optional.empty(), AT_ONCE)) {
      assertEquals(List.of(), servers(), "the address is there at once, and refuses");
      source.finds(x);
      awaitServers(x);
      var client = holding(12);
      awaitOpen(12L);
      source.finds(x, y, z);
      awaitServers(x, y, z);
      awaitOpen(4L, 4L, 4L);
      source.finds(y, z);
      awaitServers(y, z);
      awaitOpen(6L, 6L);
      Await.until(
          "X is drained",
          () ->
              events.stream()
                  .anyMatch(
                      event ->
                          event instanceof ControllerEvent.Drained(var vip, var server, var report)
                              && vip.equals(net.vip)
                              && server.equals(x)
                              && report.left() == 0));
      var names = List.of(get(client.ask("servers")).split(" "));
      assertEquals(6, names.stream().filter("Y1"::equals).count());
      assertEquals(6, names.stream().filter("Z1"::equals).count());
    }
    assertTrue(source.isClosed());
    assertEquals(List.of(y, z), servers(), "the table stays");
    assertTrue(events.contains(new ControllerEvent.Joined(new WeightedServer(y))));
    assertTrue(events.contains(new ControllerEvent.Left(x)));
  }

  @Test
  void whatTheSourceCannotSayTakesNothingAway() throws Exception {
    try (var controller = start(Optional.empty(), AT_ONCE)) {
      assertFalse(controller.status().isReady());
      source.finds(x, y);
      awaitServers(x, y);
      source.finds(new Finding.Failed("nobody answers at 10.0.0.1:8500"));
      Await.until("it is told", () -> controller.status().problem().isPresent());
      source.finds();
      var empty = "the source names no server; those of before are kept";
      Await.until("it is told", () -> controller.status().problem().equals(Optional.of(empty)));
      assertEquals(List.of(x, y), servers());
      assertTrue(controller.status().isReady());
      source.finds(y);
      awaitServers(y);
      Await.until("it is well", () -> controller.status().problem().isEmpty());
    }
    assertEquals(
        List.of(
            new ControllerEvent.SourceTrouble("nobody answers at 10.0.0.1:8500"),
            new ControllerEvent.SourceTrouble(
                "the source names no server; those of before are kept"),
            new ControllerEvent.SourceFine()),
        events.stream()
            .filter(
                event ->
                    event instanceof ControllerEvent.SourceTrouble
                        || event instanceof ControllerEvent.SourceFine)
            .toList());
  }

  @Test
  void aControllerGoesOnWithTheServersOfTheOneBefore() throws Exception {
    try (var _ = start(Optional.empty(), AT_ONCE)) {
      source.finds(x, y);
      awaitServers(x, y);
    }
    try (var controller = start(Optional.empty(), AT_ONCE)) {
      assertTrue(controller.status().isReady());
      assertFalse(controller.status().answered());
      source.finds(new Finding.Failed("gone"));
      Await.until("it is told", () -> controller.status().problem().isPresent());
      assertEquals(List.of(x, y), servers());
    }
  }

  @Test
  void aServerThatRefusesConnectsGetsNoMore() throws Exception {
    var nobody = NamespaceBed.server(7009);
    // Checks of this host's namespace fail for all of them, which is not believed.
    var health =
        new HealthCheck(Duration.ofMillis(50), Duration.ofSeconds(1), 2, 1, Duration.ofMinutes(10));
    var patience = new Patience(NONE, NONE, NONE, 0);
    try (var local = HoldingServer.start("L");
        var controller = start(Optional.of(health), patience)) {
      source.finds(local.server(), nobody);
      Await.until(
          "it is found unhealthy",
          () ->
              controller
                  .status()
                  .servers()
                  .contains(new ServerStatus(new WeightedServer(nobody), Standing.UNHEALTHY)));
      awaitServers(local.server());
    }
  }

  @Test
  void connectsOfProgramsThatFailAreEnough() throws Exception {
    var nobody = NamespaceBed.server(7009);
    // Checks of ours see nothing for ten minutes; the first comes at once.
    var health =
        new HealthCheck(
            Duration.ofMinutes(10), Duration.ofSeconds(1), 3, 1, Duration.ofMinutes(10));
    try (var controller = start(Optional.of(health), AT_ONCE)) {
      source.finds(x, nobody);
      awaitServers(x, nobody);
      var client = net.client(1, SocketProgram.class);
      // Those before the first look at the counters do not count, so they go on.
      int[] tries = {0};
      Await.until(
          "it is left out",
          () -> {
            String name = "s" + tries[0]++;
            NamespaceBed.connect(client, name, "inet", net.vip);
            get(client.ask("close " + name));
            return servers().equals(List.of(x));
          });
      assertTrue(
          controller
              .status()
              .servers()
              .contains(new ServerStatus(new WeightedServer(nobody), Standing.UNHEALTHY)));
    }
  }

  @Test
  void whatOthersTakeOutStaysOutUntilTheSetChanges() throws Exception {
    try (var _ = start(Optional.empty(), AT_ONCE)) {
      source.finds(x, y);
      awaitServers(x, y);
      table.put(Service.of(net.vip, y));
      source.finds(new Finding.Failed("once"));
      Await.until("it is told", () -> events.contains(new ControllerEvent.SourceTrouble("once")));
      source.finds(x, y);
      Await.until("it is told", () -> events.contains(new ControllerEvent.SourceFine()));
      assertEquals(List.of(y), servers());
      source.finds(x, y, z);
      awaitServers(x, y, z);
    }
  }

  @Test
  void aListenerThatThrowsEndsNothing() throws Exception {
    var options = ControllerOptions.of(Service.of(net.vip));
    var thrown = new CopyOnWriteArrayList<Throwable>();
    var before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((_, e) -> thrown.add(e));
    try (var _ =
        Controller.start(
            table,
            source,
            options,
            _ -> {
              throw new IllegalStateException("a bad listener");
            })) {
      source.finds(x);
      awaitServers(x);
      source.finds(x, y);
      awaitServers(x, y);
      Await.until("it is said", () -> thrown.size() == 2);
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }
}
