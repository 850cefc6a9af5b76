package io.github.purebpf.redirect;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each way in which a connection begins and ends is counted in once and out once. */
@RequiresKernel
@NoLeakedFds
class AccountingIT {
  private static final String ECONNREFUSED = "-111";
  private static final String EINPROGRESS = "-115";

  private TestBed bed;
  private HoldingServer server;
  private Connect4Redirect redirect;
  private Client client;

  @BeforeEach
  void open() throws IOException {
    bed = new TestBed();
    server = HoldingServer.start("H");
    redirect = Connect4Redirect.open();
    redirect.put(bed.vip, server.server());
    redirect.attach(bed.cgroup.path());
    client = socketProgram(bed.cgroup.path());
  }

  @AfterEach
  void close() throws IOException {
    redirect.close();
    server.close();
    bed.close();
  }

  private Client socketProgram(Path cgroup) throws IOException {
    return bed.client(
        cgroup,
        io.github.purebpf.redirect.cli.demo.OwnJvm.of(
            Path.of("target", "test-classes").toString(),
            SocketProgram.class,
            "--enable-native-access=ALL-UNNAMED"));
  }

  private String call(String words) {
    return get(client.ask(words));
  }

  private String connect(String name, String family) {
    return call("connect %s %s %s".formatted(name, family, place()));
  }

  private String place() {
    return bed.vip.toString().replace(':', ' ');
  }

  private ServerTraffic traffic() {
    var servers = redirect.table().traffic(bed.vip).orElseThrow().servers();
    return servers.getFirst();
  }

  /** The figures, in the order of the record. */
  private void assertFigures(
      long attempted, long established, long failed, long connecting, long open) {
    assertEquals(
        new ServerTraffic(
            traffic().server(), true, attempted, established, failed, connecting, open),
        traffic());
  }

  private void awaitOpen(long open) throws InterruptedException {
    Await.until(open + " open connections", () -> traffic().open() == open);
  }

  @ParameterizedTest
  @ValueSource(strings = {"inet", "inet6"})
  void aConnectionIsOpenUntilItsSocketIsClosed(String family) {
    call(family + " a");
    assertFigures(0, 0, 0, 0, 0);
    assertEquals("0", connect("a", family));
    assertEquals("H", call("receive a"));
    assertFigures(1, 1, 0, 0, 1);
    call("close a");
    assertFigures(1, 1, 0, 0, 0);
  }

  @Test
  void aCopyOfTheDescriptorHoldsTheConnection() {
    call("inet a");
    connect("a", "inet");
    call("dup a b");
    call("close a");
    assertFigures(1, 1, 0, 0, 1);
    assertEquals("H", call("receive b"));
    call("close b");
    assertFigures(1, 1, 0, 0, 0);
  }

  @Test
  void aProcessThatIsKilledHoldsNothing() throws Exception {
    call("inet a");
    call("inet6 b");
    connect("a", "inet");
    connect("b", "inet6");
    assertFigures(2, 2, 0, 0, 2);
    Files.writeString(bed.cgroup.path().resolve("cgroup.kill"), "1");
    awaitOpen(0);
    assertFigures(2, 2, 0, 0, 0);
  }

  @Test
  void aForkHoldsTheConnectionOfItsParent() throws Exception {
    // The shell connects and ends; what it has started has its descriptor until it is killed.
    var script = "exec 3<>/dev/tcp/%s; sleep 600 & exit 0".formatted(place().replace(' ', '/'));
    var shell = bed.cgroup.exec(List.of("bash", "-c", script));
    assertEquals(0, shell.waitFor());
    server.await(1);
    assertFigures(1, 1, 0, 0, 1);
    Files.writeString(bed.cgroup.path().resolve("cgroup.kill"), "1");
    awaitOpen(0);
    assertFigures(1, 1, 0, 0, 0);
  }

  @Test
  void whenTheServerEndsItTheConnectionIsHeldUntilTheClientClosesIt() throws Exception {
    call("inet a");
    connect("a", "inet");
    assertEquals("H", call("receive a"));
    server.finish();
    assertEquals("", call("receive a"), "the end of the stream");
    assertFigures(1, 1, 0, 0, 1);
    call("close a");
    assertFigures(1, 1, 0, 0, 0);
  }

  @Test
  void aResetEndsItThoughTheSocketIsOpen() throws Exception {
    call("inet a");
    connect("a", "inet");
    assertEquals("H", call("receive a"));
    server.await(1);
    server.reset();
    assertEquals("-104", call("receive a"));
    assertFigures(1, 1, 0, 0, 0);
    call("close a");
    assertFigures(1, 1, 0, 0, 0);
  }

  @Test
  void aRefusedConnectHasFailedAndTheSocketMayTryAgain() throws IOException {
    var nobody = TestBed.unusedVip();
    redirect.put(bed.vip, new Server(nobody.address(), nobody.port()));
    call("inet a");
    assertEquals(ECONNREFUSED, connect("a", "inet"));
    assertFigures(1, 0, 1, 0, 0);
    assertEquals(ECONNREFUSED, connect("a", "inet"));
    assertFigures(2, 0, 2, 0, 0);
    redirect.put(bed.vip, server.server());
    assertEquals("0", connect("a", "inet"));
    assertFigures(1, 1, 0, 0, 1);
    call("close a");
    assertFigures(1, 1, 0, 0, 0);
  }

  /** The kernel finds no route before it tells anybody that a connect has begun. */
  @Test
  void aConnectWithoutARouteIsCountedAsFailedAtTheNextOrAtTheEnd() {
    redirect.put(bed.vip, new Server(Ipv4.parse("0.255.255.1"), 9));
    call("inet a");
    call("bind a inet 127.0.0.1 0");
    String first = connect("a", "inet");
    assertTrue(first.startsWith("-"), first);
    connect("a", "inet");
    call("close a");
    assertFigures(2, 0, 2, 0, 0);
  }

  @Test
  void disconnectingEndsIt() {
    call("inet a");
    connect("a", "inet");
    assertEquals("0", call("unspec a"));
    assertFigures(1, 1, 0, 0, 0);
    assertEquals("0", connect("a", "inet"));
    assertFigures(2, 2, 0, 0, 1);
    call("close a");
    assertFigures(2, 2, 0, 0, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"inet", "inet6"})
  void aNonBlockingConnectIsOneConnect(String family) throws Exception {
    call(family + "-nonblocking a");
    String began = connect("a", family);
    assertTrue(began.equals(EINPROGRESS) || began.equals("0"), began);
    assertEquals("-0", call("finish a"));
    connect("a", family);
    awaitOpen(1);
    assertFigures(1, 1, 0, 0, 1);
    call("close a");
    assertFigures(1, 1, 0, 0, 0);
  }

  @Test
  void fastOpenIsOneConnect() {
    call("inet a");
    assertEquals("5", call("fastopen a inet " + place()));
    assertEquals("H", call("receive a"));
    assertFigures(1, 1, 0, 0, 1);
    call("close a");
    assertFigures(1, 1, 0, 0, 0);
  }

  @Test
  void multipathIsCountedBySubflow() throws Exception {
    if (!call("mptcp a").equals("0")) {
      return; // a kernel without it has nothing to count
    }
    assertEquals("0", connect("a", "inet"));
    assertEquals("H", call("receive a"));
    assertFigures(1, 1, 0, 0, 1);
    call("close a");
    server.close(); // what is closed is the socket above; the subflow ends when TCP ends it
    awaitOpen(0);
    assertFigures(1, 1, 0, 0, 0);
  }

  @Test
  void whatFindsNoServerIsCountedAsRefused() {
    redirect.table().put(Service.of(bed.vip));
    call("inet a");
    assertEquals(ECONNREFUSED, connect("a", "inet"));
    assertEquals(1, redirect.table().traffic(bed.vip).orElseThrow().refused());
  }

  @Test
  void aServerThatIsReplacedKeepsItsConnectionsUntilTheyEnd() {
    call("inet a");
    connect("a", "inet");
    redirect.put(bed.vip, bed.b.server());
    var servers = redirect.table().traffic(bed.vip).orElseThrow().servers();
    assertEquals(2, servers.size());
    assertEquals(bed.b.server(), servers.get(0).server());
    assertEquals(new ServerTraffic(server.server(), false, 1, 1, 0, 0, 1), servers.get(1));
    redirect.put(bed.vip, server.server());
    assertFigures(1, 1, 0, 0, 1);
    redirect.put(bed.vip, bed.b.server());
    call("close a");
    assertEquals(1, redirect.table().traffic(bed.vip).orElseThrow().servers().size());
  }

  @Test
  void eachContainerThatHoldsAConnectionIsNamed() throws Exception {
    var one = bed.cgroup.child("one");
    var two = bed.cgroup.child("two");
    var first = socketProgram(one);
    var second = socketProgram(two);
    for (var name : List.of("a", "b")) {
      get(first.ask("inet " + name));
      assertEquals("0", get(first.ask("connect %s inet %s".formatted(name, place()))));
    }
    get(second.ask("inet6 c"));
    assertEquals("0", get(second.ask("connect c inet6 " + place())));
    var held = redirect.table().containers(bed.vip);
    assertEquals(2, held.size());
    assertEquals(2, open(held, one));
    assertEquals(1, open(held, two));
    var since = held.getFirst().since();
    get(first.ask("close a"));
    assertEquals(1, open(redirect.table().containers(bed.vip), one));
    assertEquals(since, redirect.table().containers(bed.vip).getFirst().since());
    get(first.ask("close b"));
    assertEquals(1, redirect.table().containers(bed.vip).size());
    get(second.ask("close c"));
    assertEquals(List.of(), redirect.table().containers(bed.vip));
  }

  private static long open(List<ContainerTraffic> held, Path cgroup) throws IOException {
    long id = (Long) Files.getAttribute(cgroup, "unix:ino");
    return held.stream().filter(traffic -> traffic.cgroup() == id).findFirst().orElseThrow().open();
  }
}
