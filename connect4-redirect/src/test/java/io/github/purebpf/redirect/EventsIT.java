package io.github.purebpf.redirect;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What those who listen are told, by programs in the kernel about real connections. */
@RequiresKernel
@NoLeakedFds
class EventsIT {
  private static final Duration ENOUGH = Duration.ofSeconds(30);

  /** A namespace that nobody made has a number that the kernel is compiled with. */
  private static final long FIRST_PID_NAMESPACE = 0xeffffffcL;

  private TestBed bed;
  private Connect4Redirect redirect;
  private Instant begin;

  @BeforeEach
  void attach() throws IOException {
    begin = Instant.now();
    bed = new TestBed();
    redirect = Connect4Redirect.open();
    redirect.put(bed.vip, bed.a.server());
    redirect.attach(bed.cgroup.path());
  }

  @AfterEach
  void end() throws IOException {
    redirect.close();
    bed.close();
  }

  private Client sockets() throws IOException {
    return bed.client(bed.cgroup.path(), ChildJvm.command(SocketProgram.class));
  }

  private String place() {
    return bed.vip.toString().replace(':', ' ');
  }

  private static ConnectionEvent next(ConnectionEvents events) {
    var list = next(events, 1);
    assertEquals(1, list.size(), list::toString);
    return list.getFirst();
  }

  private static List<ConnectionEvent> next(ConnectionEvents events, int count) {
    var list = new ArrayList<ConnectionEvent>();
    while (list.size() < count) {
      assertTrue(events.poll(ENOUGH, list::add) > 0, () -> "after " + list);
    }
    return list;
  }

  /** What all events have: who, to what, and when. */
  private void assertCommon(ConnectionEvent event, Client client) throws IOException {
    assertEquals(bed.vip, event.vip());
    assertEquals(Cgroup2.require(bed.cgroup.path()).id(), event.client().cgroup());
    assertFalse(event.at().isBefore(begin), event::toString);
    assertFalse(event.at().isAfter(Instant.now().plusSeconds(1)), event::toString);
    var namespace = (Long) Files.getAttribute(Path.of("/proc/self/ns/pid"), "unix:ino");
    if (namespace == FIRST_PID_NAMESPACE) {
      assertEquals(get(client.ask("process x")), "" + event.client().process());
    }
    assertTrue(event.client().thread() > 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"inet", "inet6"})
  void aConnectionIsToldWhenItIsMadeAndWhenItEnds(String family) throws IOException {
    var client = sockets();
    try (var events = redirect.table().events()) {
      get(client.ask(family + " x"));
      assertEquals("0", get(client.ask("connect x %s %s".formatted(family, place()))));
      assertEquals("A", get(client.ask("receive x")));
      var made = (ConnectionEvent.Established) next(events);
      assertCommon(made, client);
      assertEquals(bed.a.server(), made.server());
      assertTrue(made.latency().isPositive());
      get(client.ask("close x"));
      var ended = (ConnectionEvent.Closed) next(events);
      assertCommon(ended, client);
      assertEquals(bed.a.server(), ended.server());
      assertEquals(made.client(), ended.client());
      assertTrue(ended.lasted().compareTo(made.latency()) > 0);
      assertTrue(ended.at().isAfter(made.at()));
      assertEquals(0, events.lost());
    }
  }

  @Test
  void aConnectThatFailsIsTold() throws IOException {
    var client = sockets();
    Server nobody;
    try (var socket = new ServerSocket(0, 1, Ipv4.parse("127.0.0.1").toInetAddress())) {
      nobody = new Server(Ipv4.parse("127.0.0.1"), socket.getLocalPort());
    }
    redirect.put(bed.vip, nobody);
    try (var events = redirect.table().events()) {
      get(client.ask("inet x"));
      assertEquals("-111", get(client.ask("connect x inet " + place())));
      var failed = (ConnectionEvent.Failed) next(events);
      assertCommon(failed, client);
      assertEquals(nobody, failed.server());
      assertTrue(failed.after().isPositive());
    }
  }

  @Test
  void aConnectWithoutAServerIsTold() throws IOException {
    var client = sockets();
    redirect.table().put(Service.of(bed.vip).withNoServer(NoServer.UNREACHABLE));
    try (var events = redirect.table().events()) {
      get(client.ask("inet6 x"));
      assertEquals("-113", get(client.ask("connect x inet6 " + place())));
      var refused = (ConnectionEvent.Refused) next(events);
      assertCommon(refused, client);
    }
  }

  @Test
  void nothingIsReportedOfTheTimeInWhichNobodyListened() throws IOException {
    var client = bed.jvm();
    try (var events = redirect.table().events()) {
      get(client.ask("socket " + place()));
      next(events, 1);
    }
    redirect.put(bed.vip, bed.b.server());
    assertEquals("served B", get(client.ask("socket " + place())));
    redirect.put(bed.vip, bed.a.server());
    try (var events = redirect.table().events()) {
      assertEquals("served A", get(client.ask("socket " + place())));
      var made = (ConnectionEvent.Established) next(events, 1).getFirst();
      assertEquals(bed.a.server(), made.server());
    }
  }

  @Test
  void oneListensAtATime() {
    var events = redirect.table().events();
    try {
      assertThrows(EventsTakenException.class, () -> redirect.table().events());
      assertThrows(EventsTakenException.class, () -> redirect.table().listen(_ -> {}));
      assertEquals(0, events.poll(Duration.ZERO, _ -> {}));
    } finally {
      events.close();
    }
    assertEquals(-1, events.poll(ENOUGH, _ -> {}));
    redirect.table().events().close();
  }

  @Test
  void allListenersAreToldAndOneThatThrowsIsLeftOut() throws Exception {
    var client = bed.jvm();
    BlockingQueue<ConnectionEvent> first = new LinkedBlockingQueue<>();
    BlockingQueue<ConnectionEvent> second = new LinkedBlockingQueue<>();
    BlockingQueue<RuntimeException> failures = new LinkedBlockingQueue<>();
    var table = redirect.table();
    var throwing =
        new ConnectionListener() {
          @Override
          public void happened(ConnectionEvent event) {
            throw new IllegalStateException("no more");
          }

          @Override
          public void ended(RuntimeException cause) {
            failures.add(cause);
          }
        };
    var one = table.listen(first::add);
    try (var _ = table.listen(throwing);
        var _ = table.listen(second::add)) {
      assertEquals("served A", get(client.ask("socket " + place())));
      for (var told : List.of(first, second)) {
        assertTrue(take(told) instanceof ConnectionEvent.Established);
        assertTrue(take(told) instanceof ConnectionEvent.Closed);
      }
      assertEquals("no more", take(failures).getMessage());
      one.close();
      assertEquals("served A", get(client.ask("socket " + place())));
      take(second);
      take(second);
    } finally {
      one.close();
    }
    assertEquals(List.of(), List.copyOf(first));
    assertEquals(List.of(), List.copyOf(failures));
    assertTrue(
        Thread.getAllStackTraces().keySet().stream()
            .noneMatch(thread -> thread.getName().equals("purebpf-events")));
    table.events().close();
  }

  private static <T> T take(BlockingQueue<T> queue) throws InterruptedException {
    var taken = queue.poll(ENOUGH.toSeconds(), TimeUnit.SECONDS);
    assertTrue(taken != null, "nothing came");
    return taken;
  }

  @Test
  void underLoadEachConnectionIsToldTwice() throws Exception {
    var client = bed.jvm();
    int connects = 4_000;
    var counts = new ConcurrentHashMap<Class<?>, Integer>();
    var table = redirect.table();
    try (var _ = table.listen(event -> counts.merge(event.getClass(), 1, Integer::sum))) {
      assertEquals("{served A=4000}", get(client.ask("load %s %d".formatted(place(), connects))));
      var all =
          Map.of(
              ConnectionEvent.Established.class, connects, ConnectionEvent.Closed.class, connects);
      Await.until("all events", () -> counts.equals(all));
    }
  }
}
