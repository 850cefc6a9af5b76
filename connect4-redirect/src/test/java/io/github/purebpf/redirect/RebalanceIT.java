package io.github.purebpf.redirect;

import static io.github.purebpf.redirect.NamespaceBed.connect;
import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.redirect.pace.TestTicker;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections are evened out by closing as few as possible, slowly. */
@RequiresKernel
@NoLeakedFds
class RebalanceIT {
  private static final long SECOND = 1_000_000_000;

  private NamespaceBed net;
  private Server x;
  private Server y;
  private Server z;
  private Connect4Redirect redirect;
  private RedirectTable table;

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

  private List<Long> held() {
    return table.traffic(net.vip).orElseThrow().servers().stream()
        .map(ServerTraffic::open)
        .toList();
  }

  private void awaitOpen(Long... open) throws InterruptedException {
    Await.until(Arrays.toString(open), () -> held().equals(List.of(open)));
  }

  private Client holding(int namespace, int count) throws IOException {
    var client = net.client(namespace, ReturningProgram.class);
    var names =
        get(client.ask("hold %d %s".formatted(count, net.vip.toString().replace(':', ' '))));
    assertEquals(count, names.split(" ").length);
    return client;
  }

  private static List<Integer> lost(Client client) {
    return Arrays.stream(get(client.ask("lost")).split(" ")).map(Integer::valueOf).toList();
  }

  private static List<Integer> times(int count, int value) {
    return Collections.nCopies(count, value);
  }

  @Test
  void aThirdServerGetsAThirdOfTheConnections() throws Exception {
    table.put(Service.of(net.vip, x, y));
    var first = holding(1, 45);
    var second = holding(2, 45);
    awaitOpen(45L, 45L);
    table.put(Service.of(net.vip, x, y, z));
    var ticker = new TestTicker();
    var report = new Rebalance(net.vip, 0.1).run(table, ticker);
    assertEquals(new RebalanceReport(30, 0, true, Optional.empty(), List.of()), report);
    long interval = (SECOND + 8) / 9; // a tenth of 90 in a second
    assertEquals(29 * interval, ticker.passed());
    awaitOpen(30L, 30L, 30L);

    // The oldest of both servers went, each once.
    var expected = IntStream.range(0, 45).mapToObj(i -> i < 30 ? 1 : 0).toList();
    Await.until("all are back", () -> lost(first).equals(expected));
    assertEquals(times(45, 0), lost(second));
    var servers = List.of(get(first.ask("servers")).split(" "));
    assertEquals(
        times(30, 1), servers.subList(0, 30).stream().map(s -> s.equals("Z1") ? 1 : 0).toList());
    assertEquals(
        List.of(
            new ServerTraffic(x, true, 45, 45, 0, 0, 30),
            new ServerTraffic(y, true, 45, 45, 0, 0, 30),
            new ServerTraffic(z, true, 30, 30, 0, 0, 30)),
        table.traffic(net.vip).orElseThrow().servers());

    // What is even stays as it is.
    report = new Rebalance(net.vip, 1).run(table, ticker);
    assertEquals(new RebalanceReport(0, 0, true, Optional.empty(), List.of()), report);
  }

  @Test
  void weightsAreKept() throws Exception {
    table.put(net.vip, x);
    holding(1, 12);
    awaitOpen(12L);
    table.put(
        Service.of(net.vip)
            .withServers(List.of(new WeightedServer(x, 1), new WeightedServer(y, 3))));
    var report = new Rebalance(net.vip, 1).run(table, new TestTicker());
    assertEquals(9, report.closed());
    assertTrue(report.even());
    awaitOpen(3L, 9L);
  }

  @Test
  void whatIsConnectedByItselfAndWhatDrainsIsLeftAlone() throws Exception {
    table.put(net.vip, z);
    var other = net.client(2, SocketProgram.class);
    assertEquals("Z2", connect(other, "draining", "inet", net.vip));
    table.put(net.vip, x);
    assertEquals("X2", connect(other, "direct", "inet6", x));
    holding(2, 4);
    awaitOpen(4L, 1L);
    table.put(Service.of(net.vip, x, y));
    assertEquals(2, new Rebalance(net.vip, 1).run(table, new TestTicker()).closed());
    awaitOpen(2L, 2L, 1L);
    net.sayAgain();
    assertEquals("Z2", get(other.ask("receive draining")));
    assertEquals("X2", get(other.ask("receive direct")));
  }

  /** Programs that do not come back make the shares no smaller. */
  @Test
  void noServerGetsBelowItsShareThoughNobodyComesBack() throws Exception {
    table.put(net.vip, x);
    var client = net.client(1, SocketProgram.class);
    var place = net.vip.toString().replace(':', ' ');
    assertEquals("10", get(client.ask("many a inet6 %s 10".formatted(place))));
    table.put(Service.of(net.vip, x, y));
    var report = new Rebalance(net.vip, 1).run(table, new TestTicker());
    assertEquals(new RebalanceReport(5, 0, true, Optional.empty(), List.of()), report);
    assertEquals(List.of(5L, 0L), held());
  }

  @Test
  void itStopsWhenTheNewServerDoesNotTakeConnections() throws Exception {
    table.put(net.vip, x);
    holding(1, 10);
    awaitOpen(10L);
    var nobody = NamespaceBed.server(7009);
    table.put(Service.of(net.vip, x, nobody));
    var ticker =
        new TestTicker(
            _ ->
                Await.until(
                    "a failed connect",
                    () -> table.traffic(net.vip).orElseThrow().servers().getLast().failed() > 0));
    var report = new Rebalance(net.vip, 1).run(table, ticker);
    assertEquals(new RebalanceReport(1, 0, false, Optional.of(nobody), List.of()), report);
    assertEquals(List.of(9L, 0L), held());
  }

  @Test
  void anInterruptStopsIt() throws Exception {
    table.put(net.vip, x);
    holding(1, 4);
    awaitOpen(4L);
    table.put(Service.of(net.vip, x, y));
    var ticker = new TestTicker(_ -> Thread.currentThread().interrupt());
    assertThrows(InterruptedException.class, () -> new Rebalance(net.vip, 1).run(table, ticker));
    awaitOpen(3L, 1L);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "LEAST_CONNECTIONS")
  void anotherPolicyIsRefused(Policy policy) {
    table.put(Service.of(net.vip, x, y).withPolicy(policy));
    var e = assertThrows(IllegalStateException.class, () -> new Rebalance(net.vip, 1).run(table));
    assertTrue(
        e.getMessage().startsWith("the policy of 127.77.0.1:8500 is " + policy), e::toString);
  }

  @Test
  void withoutServersThereIsNothingToDo() throws Exception {
    table.put(Service.of(net.vip));
    var report = new Rebalance(net.vip, 1).run(table);
    assertEquals(new RebalanceReport(0, 0, true, Optional.empty(), List.of()), report);
    var nowhere = VirtualAddress.parse("127.77.0.9:1");
    assertThrows(IllegalArgumentException.class, () -> new Rebalance(nowhere, 1).run(table));
  }
}
