package io.github.purebpf.redirect;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which server a connect gets, and what becomes of it where there is none. */
@RequiresKernel
@NoLeakedFds
class SelectionIT {
  private TestBed bed;
  private final List<HoldingServer> servers = new ArrayList<>();
  private Connect4Redirect redirect;

  @BeforeEach
  void open() throws IOException {
    bed = new TestBed();
    for (var name : List.of("X", "Y", "Z")) {
      servers.add(HoldingServer.start(name));
    }
  }

  @AfterEach
  void close() throws IOException {
    if (redirect != null) {
      redirect.close();
    }
    for (var server : servers) {
      server.close();
    }
    bed.close();
  }

  private void attach(RedirectOptions options, Service service) {
    redirect = Connect4Redirect.open(options);
    redirect.table().put(service);
    redirect.attach(bed.cgroup.path());
  }

  private Service service(Policy policy, int... weights) {
    var weighted =
        IntStream.range(0, weights.length)
            .mapToObj(i -> new WeightedServer(servers.get(i).server(), weights[i]))
            .toList();
    return Service.of(bed.vip).withServers(weighted).withPolicy(policy);
  }

  private Client client(Path cgroup) throws IOException {
    return bed.client(
        cgroup,
        io.github.purebpf.redirect.cli.demo.OwnJvm.of(
            Path.of("target", "test-classes").toString(),
            SocketProgram.class,
            "--enable-native-access=ALL-UNNAMED"));
  }

  private String place() {
    return bed.vip.toString().replace(':', ' ');
  }

  private CompletableFuture<String> many(Client client, String prefix, int count) {
    return client.ask("many %s inet %s %d".formatted(prefix, place(), count));
  }

  private long[] counts() {
    return redirect.table().traffic(bed.vip).orElseThrow().servers().stream()
        .mapToLong(ServerTraffic::open)
        .toArray();
  }

  private static void assertEven(long[] counts, long sum) {
    assertEquals(sum, LongStream.of(counts).sum());
    long most = LongStream.of(counts).max().orElseThrow();
    long least = LongStream.of(counts).min().orElseThrow();
    assertTrue(most - least <= 1, () -> java.util.Arrays.toString(counts));
  }

  @Test
  void leastConnectionsStayEvenWhateverIsClosed() throws Exception {
    attach(RedirectOptions.DEFAULT, service(Policy.LEAST_CONNECTIONS, 1, 1, 1));
    var client = client(bed.cgroup.path());
    assertEquals("300", get(many(client, "a", 300)));
    assertEven(counts(), 300);
    // All that one server has are closed; what comes then goes there.
    for (int i = 0; i < 300; i++) {
      if (get(client.ask("receive a" + i)).equals("X")) {
        get(client.ask("close a" + i));
      }
    }
    assertEquals(0, counts()[0]);
    assertEquals("100", get(many(client, "b", 100)));
    assertEven(counts(), 300);
  }

  @Test
  void leastConnectionsStayEvenUnderConcurrentConnects() throws Exception {
    attach(RedirectOptions.DEFAULT, service(Policy.LEAST_CONNECTIONS, 1, 1, 1));
    var answers = new ArrayList<CompletableFuture<String>>();
    for (int i = 0; i < 4; i++) {
      answers.add(many(client(bed.cgroup.path()), "a", 75));
    }
    for (var answer : answers) {
      assertEquals("75", get(answer));
    }
    assertEven(counts(), 300);
  }

  @Test
  void leastConnectionsFollowTheWeights() throws Exception {
    attach(RedirectOptions.DEFAULT, service(Policy.LEAST_CONNECTIONS, 1, 2, 3));
    assertEquals("60", get(many(client(bed.cgroup.path()), "a", 60)));
    var counts = counts();
    assertTrue(Math.abs(counts[0] - 10) <= 1, java.util.Arrays.toString(counts));
    assertTrue(Math.abs(counts[1] - 20) <= 1, java.util.Arrays.toString(counts));
    assertTrue(Math.abs(counts[2] - 30) <= 1, java.util.Arrays.toString(counts));
  }

  /** Three standard deviations, which a right one leaves once in about 370 figures. */
  @Test
  void weightedChoiceFollowsTheWeights() throws Exception {
    attach(RedirectOptions.DEFAULT, service(Policy.WEIGHTED, 1, 2, 5));
    int connects = 4000;
    var client = client(bed.cgroup.path());
    for (int i = 0; i < connects / 500; i++) {
      assertEquals("500", get(many(client, "a" + i + "x", 500)));
    }
    var counts = counts();
    double[] shares = {1 / 8.0, 2 / 8.0, 5 / 8.0};
    for (int i = 0; i < shares.length; i++) {
      double deviation = Math.sqrt(connects * shares[i] * (1 - shares[i]));
      double off = Math.abs(counts[i] - connects * shares[i]) / deviation;
      assertTrue(off <= 4.5, () -> java.util.Arrays.toString(counts) + ", off by " + off);
    }
    assertEquals(connects, LongStream.of(counts).sum());
  }

  @Test
  void roundRobinGoesAroundAsTheWeightsSay() throws Exception {
    attach(RedirectOptions.DEFAULT, service(Policy.ROUND_ROBIN, 1, 2, 1));
    var client = client(bed.cgroup.path());
    assertEquals("8", get(many(client, "a", 8)));
    var names = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      names.append(get(client.ask("receive a" + i)));
    }
    assertEquals("XYYZXYYZ", names.toString());
  }

  @Test
  void singleIsTheFirst() throws Exception {
    attach(RedirectOptions.DEFAULT, service(Policy.SINGLE, 1, 1, 1));
    assertEquals("9", get(many(client(bed.cgroup.path()), "a", 9)));
    assertEquals(9, counts()[0]);
  }

  @Test
  void stickyToTheContainerEachHasOneServerAndKeepsItWhenAnotherGoes() throws Exception {
    attach(RedirectOptions.DEFAULT, service(Policy.STICKY_CONTAINER, 1, 1, 1));
    for (int i = 0; i < 12; i++) {
      var cgroup = bed.cgroup.child("c" + i);
      var client = client(cgroup);
      assertEquals("5", get(many(client, "a", 5)));
      String name = get(client.ask("receive a0"));
      for (int j = 1; j < 5; j++) {
        assertEquals(name, get(client.ask("receive a" + j)));
      }
      var others =
          service(Policy.STICKY_CONTAINER, 1, 1, 1).servers().stream()
              .filter(weighted -> !weighted.server().equals(serverNamed(name)))
              .toList();
      var without = new ArrayList<>(service(Policy.STICKY_CONTAINER, 1, 1, 1).servers());
      without.remove(others.getFirst());
      redirect.table().put(service(Policy.STICKY_CONTAINER).withServers(without));
      assertEquals("1", get(many(client, "b", 1)));
      assertEquals(name, get(client.ask("receive b0")));
      redirect.table().put(service(Policy.STICKY_CONTAINER, 1, 1, 1));
    }
    var attempted =
        redirect.table().traffic(bed.vip).orElseThrow().servers().stream()
            .filter(traffic -> traffic.attempted() > 0)
            .count();
    assertTrue(attempted > 1, "twelve containers on one server of three");
  }

  private Server serverNamed(String name) {
    return servers.get("XYZ".indexOf(name)).server();
  }

  @Test
  void stickyToTheSocketATryAgainGoesToTheSameServer() throws Exception {
    attach(RedirectOptions.DEFAULT, service(Policy.STICKY_SOCKET, 1, 1, 1));
    var client = client(bed.cgroup.path());
    for (int i = 0; i < 6; i++) {
      get(client.ask("inet s" + i));
      String connect = "connect s%d inet %s".formatted(i, place());
      assertEquals("0", get(client.ask(connect)));
      String name = get(client.ask("receive s" + i));
      assertEquals("0", get(client.ask("unspec s" + i)));
      assertEquals("0", get(client.ask(connect)));
      assertEquals(name, get(client.ask("receive s" + i)));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "REFUSE,inet,111",
    "REFUSE,inet6,111",
    "UNREACHABLE,inet,113",
    "UNREACHABLE,inet6,113",
    "DENY,inet,1",
    "DENY,inet6,1"
  })
  void withoutAServerAConnectFailsAsTold(NoServer noServer, String family, int errno)
      throws Exception {
    attach(RedirectOptions.DEFAULT, Service.of(bed.vip).withNoServer(noServer));
    var client = client(bed.cgroup.path());
    for (var kind : List.of(family, family + "-nonblocking")) {
      get(client.ask(kind + " a"));
      assertEquals("-" + errno, get(client.ask("connect a %s %s".formatted(family, place()))));
    }
    assertEquals(2, redirect.table().traffic(bed.vip).orElseThrow().refused());
  }

  @Test
  void withoutAServerAConnectMayPass() throws Exception {
    attach(RedirectOptions.DEFAULT, Service.of(bed.vip).withNoServer(NoServer.PASS));
    var client = client(bed.cgroup.path());
    try (var itself =
        new java.net.ServerSocket(bed.vip.port(), 1, bed.vip.address().toInetAddress())) {
      get(client.ask("inet a"));
      assertEquals("0", get(client.ask("connect a inet " + place())));
      itself.accept().close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"inet", "inet6"})
  void thePeerIsTheServerOrTheVirtualAddress(String family) throws Exception {
    for (boolean peerName : new boolean[] {false, true}) {
      attach(RedirectOptions.DEFAULT.withPeerName(peerName), service(Policy.SINGLE, 1));
      var client = client(bed.cgroup.path());
      get(client.ask(family + " a"));
      assertEquals("0", get(client.ask("connect a %s %s".formatted(family, place()))));
      assertEquals(
          peerName ? bed.vip.toString() : servers.getFirst().server().toString(),
          get(client.ask("peer a")));
      redirect.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"inet", "inet6"})
  void theConnectionIsProbedAsTold(String family) throws Exception {
    var keepalive =
        new Keepalive(Duration.ofSeconds(30), Duration.ofSeconds(7), 4, Duration.ofMillis(123_456));
    attach(RedirectOptions.DEFAULT, service(Policy.SINGLE, 1).withKeepalive(keepalive));
    assertEquals(keepalive, redirect.table().get(bed.vip).orElseThrow().keepalive().orElseThrow());
    var client = client(bed.cgroup.path());
    get(client.ask(family + " a"));
    assertEquals("0", get(client.ask("connect a %s %s".formatted(family, place()))));
    assertEquals("1", get(client.ask("option a 1 9")), "SO_KEEPALIVE");
    assertEquals("30", get(client.ask("option a 6 4")), "TCP_KEEPIDLE");
    assertEquals("7", get(client.ask("option a 6 5")), "TCP_KEEPINTVL");
    assertEquals("4", get(client.ask("option a 6 6")), "TCP_KEEPCNT");
    assertEquals("123456", get(client.ask("option a 6 18")), "TCP_USER_TIMEOUT");
  }

  @Test
  void onlyListedCgroupsAreRedirectedAndWhatIsBelowThem() throws Exception {
    attach(
        RedirectOptions.DEFAULT.withScope(Scope.LISTED),
        service(Policy.SINGLE, 1).withNoServer(NoServer.PASS));
    var inside = bed.cgroup.child("inside");
    var below = java.nio.file.Files.createDirectory(inside.resolve("below"));
    var outside = bed.cgroup.child("outside");
    redirect.table().listCgroup(inside);
    assertEquals("0", connect(inside));
    assertEquals("0", connect(below));
    assertEquals("-111", connect(outside));
    long id = redirect.table().listedCgroups().first();
    assertTrue(redirect.table().unlistCgroup(id));
    assertEquals("-111", connect(inside));
  }

  @Test
  void listedCgroupsAreLeftAloneIfSoTold() throws Exception {
    attach(RedirectOptions.DEFAULT.withScope(Scope.NOT_LISTED), service(Policy.SINGLE, 1));
    var inside = bed.cgroup.child("inside");
    var outside = bed.cgroup.child("outside");
    redirect.table().listCgroup(inside);
    assertEquals("-111", connect(inside));
    assertEquals("0", connect(outside));
  }

  private String connect(Path cgroup) throws IOException {
    var client = client(cgroup);
    get(client.ask("inet a"));
    return get(client.ask("connect a inet " + place()));
  }
}
