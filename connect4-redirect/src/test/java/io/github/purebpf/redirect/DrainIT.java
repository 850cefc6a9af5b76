package io.github.purebpf.redirect;

import static io.github.purebpf.redirect.NamespaceBed.connect;
import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.redirect.pace.TestTicker;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server leaves: nobody new comes, and at the deadline who is left has to go, and no other. */
@RequiresKernel
@NoLeakedFds
class DrainIT {
  private static final String ECONNABORTED = "-103";
  private static final String EINPROGRESS = "-115";
  private static final String ECONNREFUSED = "-111";
  private static final long SECOND = 1_000_000_000;
  private static final List<String> FAMILIES = List.of("inet", "inet6");

  private NamespaceBed net;
  private Server x;
  private Server y;
  private Connect4Redirect redirect;
  private RedirectTable table;

  @BeforeEach
  void open() throws IOException {
    net = new NamespaceBed();
    x = net.serve("X", 7001);
    y = net.serve("Y", 7002);
    redirect = Connect4Redirect.open();
    table = redirect.table();
    table.put(net.vip, x);
    redirect.attach(net.bed.cgroup.path());
  }

  @AfterEach
  void close() throws IOException {
    redirect.close();
    net.close();
  }

  private List<ServerTraffic> traffic() {
    return table.traffic(net.vip).orElseThrow().servers();
  }

  private Client client(int namespace) throws IOException {
    return net.client(namespace, SocketProgram.class);
  }

  private Drain drain(Duration deadline) {
    return new Drain(net.vip, x, deadline, 2);
  }

  @Test
  void whatIsLeftAtTheDeadlineIsClosedInEachNamespaceAndNothingElse() throws Exception {
    var reading = new ArrayList<CompletableFuture<String>>();
    for (int number = 1; number <= 2; number++) {
      for (var family : FAMILIES) {
        var client = client(number);
        assertEquals("X" + number, connect(client, "a", family, net.vip));
        reading.add(client.ask("receive a"));
      }
    }
    var others = List.of(client(1), client(2));
    for (int i = 0; i < 2; i++) {
      for (var family : FAMILIES) {
        assertEquals("X" + (i + 1), connect(others.get(i), "direct-" + family, family, x));
      }
    }
    assertEquals("X1", connect(others.getFirst(), "brief", "inet", net.vip));
    table.put(Service.of(net.vip, x, y));
    var ticker =
        new TestTicker(
            passed -> {
              if (passed == 0) {
                var leaving = traffic().getLast();
                assertEquals(new ServerTraffic(x, false, 5, 5, 0, 0, 5), leaving);
                assertEquals("Y1", connect(others.getFirst(), "new", "inet6", net.vip));
                assertEquals("0", get(others.getFirst().ask("close brief")));
              }
              if (passed < SECOND) {
                assertFalse(reading.stream().anyMatch(CompletableFuture::isDone));
              }
            });
    var report = drain(Duration.ofNanos(SECOND)).run(table, ticker);
    assertEquals(SECOND + 3 * SECOND / 2, ticker.passed(), "four, two in a second");
    assertEquals(new DrainReport(1, 4, 0, 0, List.of()), report);
    assertTrue(report.isComplete());
    for (var answer : reading) {
      assertEquals(ECONNABORTED, get(answer));
    }
    net.sayAgain();
    for (int i = 0; i < 2; i++) {
      for (var family : FAMILIES) {
        assertEquals("X" + (i + 1), get(others.get(i).ask("receive direct-" + family)));
      }
    }
    assertEquals(List.of(new ServerTraffic(y, true, 1, 1, 0, 0, 1)), traffic());
    assertEquals("Y1", get(others.getFirst().ask("receive new")));
  }

  @Test
  void withoutConnectionsItIsDoneAtOnce() throws Exception {
    var ticker = new TestTicker();
    var nothing = new DrainReport(0, 0, 0, 0, List.of());
    assertEquals(nothing, drain(Duration.ofDays(1)).run(table, ticker));
    assertEquals(0, ticker.waits());
    assertEquals(List.of(), table.get(net.vip).orElseThrow().servers());
    assertEquals(ECONNREFUSED, connect(client(1), "a", "inet", net.vip));
    assertEquals(nothing, drain(Duration.ofDays(1)).run(table, ticker));
  }

  @Test
  void itIsDoneAsSoonAsTheLastConnectionEnds() throws Exception {
    var client = client(2);
    assertEquals("X2", connect(client, "a", "inet6", net.vip));
    var ticker =
        new TestTicker(
            passed -> {
              if (passed >= SECOND) {
                get(client.ask("close a"));
              }
            });
    var report = drain(Duration.ofDays(1)).run(table, ticker);
    assertEquals(new DrainReport(1, 0, 0, 0, List.of()), report);
    assertTrue(ticker.passed() < 2 * SECOND);
  }

  /** Their namespace is found though the container that connected has no process any more. */
  @Test
  void aConnectionIsFoundWhoeverHasItNow() throws Exception {
    var one = net.bed.cgroup.child("one");
    var two = net.bed.cgroup.child("two");
    var client = net.client(1, one, SocketProgram.class);
    assertEquals("X1", connect(client, "a", "inet6", net.vip));
    for (var process : Files.readAllLines(one.resolve("cgroup.procs"))) {
      Files.writeString(two.resolve("cgroup.procs"), process);
    }
    Files.delete(one);
    var report = drain(Duration.ZERO).run(table, new TestTicker());
    assertEquals(new DrainReport(0, 1, 0, 0, report.unreachable()), report);
    assertEquals(ECONNABORTED, get(client.ask("receive a")));
  }

  @Test
  void oneThatIsHalfClosedIsClosedToo() throws Exception {
    var client = client(1);
    assertEquals("X1", connect(client, "a", "inet", net.vip));
    assertEquals("0", get(client.ask("shutdown a")));
    var report = drain(Duration.ZERO).run(table, new TestTicker());
    assertEquals(1, report.closed());
    assertEquals(ECONNABORTED, get(client.ask("receive a")));
    assertEquals(0, table.traffic(net.vip).orElseThrow().open());
  }

  /** Nobody answers it, as the queue of the server is full. */
  @Test
  void oneThatIsBeingMadeIsClosedToo() throws Exception {
    try (var full =
        net.namespace(1)
            .call(() -> new ServerSocket(7009, 1, Ipv4.parse("127.0.0.1").toInetAddress()))) {
      var busy = NamespaceBed.server(full.getLocalPort());
      table.put(net.vip, busy);
      var client = client(1);
      var place = net.vip.toString().replace(':', ' ');
      assertEquals("2", get(client.ask("many a inet " + place + " 2")));
      get(client.ask("inet6-nonblocking b"));
      assertEquals(EINPROGRESS, get(client.ask("connect b inet6 " + place)));
      table.put(net.vip, x);
      assertEquals(new ServerTraffic(busy, false, 3, 2, 0, 1, 2), traffic().getLast());
      var report = new Drain(net.vip, busy, Duration.ZERO, 100).run(table, new TestTicker());
      assertEquals(new DrainReport(0, 3, 0, 0, List.of()), report);
      for (var name : List.of("a0", "a1")) {
        assertEquals(ECONNABORTED, get(client.ask("receive " + name)));
      }
      assertEquals(ECONNABORTED, get(client.ask("finish b")));
      assertEquals(List.of(x), traffic().stream().map(ServerTraffic::server).toList());
    }
  }

  @Test
  void aSubflowOfMultipathIsClosed() throws Exception {
    var client = client(1);
    if (!get(client.ask("mptcp a")).equals("0")) {
      return; // a kernel without it has nothing to close
    }
    var place = net.vip.toString().replace(':', ' ');
    assertEquals("0", get(client.ask("connect a inet " + place)));
    assertEquals("X1", get(client.ask("receive a")));
    assertEquals(1, drain(Duration.ZERO).run(table, new TestTicker()).closed());
    assertEquals(ECONNABORTED, get(client.ask("receive a")));
    assertEquals(0, table.traffic(net.vip).orElseThrow().open());
  }

  @Test
  void connectionsThroughAnotherVirtualAddressStay() throws Exception {
    var other = VirtualAddress.parse("127.77.0.2:8500");
    table.put(other, x);
    var client = client(1);
    assertEquals("X1", connect(client, "a", "inet", net.vip));
    assertEquals("X1", connect(client, "b", "inet", other));
    assertEquals(1, drain(Duration.ZERO).run(table, new TestTicker()).closed());
    assertEquals(ECONNABORTED, get(client.ask("receive a")));
    net.sayAgain();
    assertEquals("X1", get(client.ask("receive b")));
    assertEquals(1, table.traffic(other).orElseThrow().open());
  }

  @Test
  void anInterruptStopsItAndAnotherRunGoesOn() throws Exception {
    var client = client(1);
    assertEquals("X1", connect(client, "a", "inet6", net.vip));
    var interrupted = new TestTicker(_ -> Thread.currentThread().interrupt());
    var drain = drain(Duration.ofNanos(SECOND));
    assertThrows(InterruptedException.class, () -> drain.run(table, interrupted));
    assertEquals(List.of(new ServerTraffic(x, false, 1, 1, 0, 0, 1)), traffic());
    net.sayAgain();
    assertEquals("X1", get(client.ask("receive a")));
    assertEquals(new DrainReport(0, 1, 0, 0, List.of()), drain.run(table, new TestTicker()));
    assertEquals(ECONNABORTED, get(client.ask("receive a")));
  }

  @Test
  void aServerThatIsPutBackKeepsItsConnections() throws Exception {
    var client = client(1);
    for (var name : List.of("a", "b")) {
      assertEquals("X1", connect(client, name, "inet6", net.vip));
    }
    var late = new TestTicker(_ -> table.put(net.vip, x)); // waits first when one is closed
    var e = assertThrows(IllegalStateException.class, () -> drain(Duration.ZERO).run(table, late));
    assertEquals(
        "%s is a server of %s again; no more of its connections are closed".formatted(x, net.vip),
        e.getMessage());
    assertEquals(1, table.traffic(net.vip).orElseThrow().open());
    net.sayAgain();
    var answers = List.of(get(client.ask("receive a")), get(client.ask("receive b")));
    assertTrue(answers.contains("X1") && answers.contains(ECONNABORTED), answers::toString);
  }

  @Test
  void anAddressThatIsNotInTheTableIsRefused() {
    table.remove(net.vip);
    var e = assertThrows(IllegalArgumentException.class, () -> drain(Duration.ZERO).run(table));
    assertEquals(
        "127.77.0.1:8500 is not in the table; drain its servers before it is taken out",
        e.getMessage());
  }

  /** It was redirected once, and then went to the same server by itself. */
  @Test
  void aSocketThatIsNotOursAnyMoreStays() throws Exception {
    var client = client(1);
    assertEquals("X1", connect(client, "ours", "inet", net.vip));
    assertEquals("X1", connect(client, "a", "inet", net.vip));
    assertEquals("0", get(client.ask("unspec a")));
    assertEquals("0", get(client.ask("connect a inet " + x.toString().replace(':', ' '))));
    assertEquals("X1", get(client.ask("receive a")));
    assertEquals(1, drain(Duration.ZERO).run(table, new TestTicker()).closed());
    assertEquals(ECONNABORTED, get(client.ask("receive ours")));
    net.sayAgain();
    assertEquals("X1", get(client.ask("receive a")));
  }

  private DrainReport drainWithout(int... capabilities) {
    return Powers.without(() -> drain(Duration.ZERO).run(table, new TestTicker()), capabilities);
  }

  @Test
  void aNamespaceThatMayNotBeEnteredIsReported() throws Exception {
    var client = client(1);
    assertEquals("X1", connect(client, "a", "inet6", net.vip));
    var report = drainWithout(Powers.CAP_SYS_ADMIN);
    assertEquals(new DrainReport(0, 0, 0, 1, report.unreachable()), report);
    assertFalse(report.isComplete());
    var line = unreachable(report);
    assertTrue(line.contains("setns") && line.contains("CAP_SYS_ADMIN"), line);
    net.sayAgain();
    assertEquals("X1", get(client.ask("receive a")));
  }

  @Test
  void processesThatMayNotBeLookedAtAreReported() throws Exception {
    var client = client(1);
    assertEquals("X1", connect(client, "a", "inet6", net.vip));
    var report = drainWithout(Powers.CAP_SYS_ADMIN, Powers.CAP_SYS_PTRACE);
    assertEquals(1, report.left());
    var words = "threads may not be looked at; it takes CAP_SYS_PTRACE in their user namespace";
    assertTrue(
        report.unreachable().stream().anyMatch(line -> line.endsWith(words)), report::toString);
  }

  @Test
  void aSocketThatMayNotBeClosedIsReported() throws Exception {
    var client = client(1);
    for (var name : List.of("a", "b")) {
      assertEquals("X1", connect(client, name, "inet6", net.vip));
    }
    var report =
        net.namespace(1).call(() -> drainWithout(Powers.CAP_SYS_ADMIN, Powers.CAP_NET_ADMIN));
    assertEquals(2, report.left());
    var line = unreachable(report);
    assertTrue(line.contains("SOCK_DESTROY") && line.contains("CAP_NET_ADMIN"), line);
    // With the privilege, in this namespace no other is needed.
    report = net.namespace(1).call(() -> drainWithout(Powers.CAP_SYS_ADMIN));
    assertEquals(2, report.closed());
    assertEquals(ECONNABORTED, get(client.ask("receive a")));
  }

  /** What is said of the first namespace; there are others on this machine. */
  private String unreachable(DrainReport report) {
    long inode =
        net.namespace(1)
            .withFd(
                fd -> {
                  try {
                    return (Long) Files.getAttribute(Path.of("/proc/self/fd/" + fd), "unix:ino");
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                });
    var lines =
        report.unreachable().stream()
            .filter(line -> line.startsWith("network namespace " + inode + ": "))
            .toList();
    assertEquals(1, lines.size(), () -> report.toString());
    return lines.getFirst();
  }
}
