package io.github.purebpf.redirect;

import static io.github.purebpf.redirect.NamespaceBed.connect;
import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.bpf.NotCgroup2Exception;
import io.github.purebpf.bpf.error.BpfException;
import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A redirector that comes late, or goes and comes back, counts what is there. */
@RequiresKernel
@NoLeakedFds
class AdoptionIT {
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
    table.put(Service.of(net.vip, x, y));
  }

  @AfterEach
  void close() throws IOException {
    redirect.close();
    net.close();
  }

  private Path cgroup() {
    return net.bed.cgroup.path();
  }

  private Client client(int namespace) throws IOException {
    return net.client(namespace, SocketProgram.class);
  }

  private List<ServerTraffic> traffic() {
    return traffic(table);
  }

  private List<ServerTraffic> traffic(RedirectTable of) {
    return of.traffic(net.vip).orElseThrow().servers();
  }

  private void assertOpen(long atX, long atY) {
    assertEquals(List.of(open(x, atX), open(y, atY)), traffic());
  }

  private static ServerTraffic open(Server server, long open) {
    return new ServerTraffic(server, true, 0, 0, 0, 0, open);
  }

  @Test
  void theConnectionsThatAreThereAreCountedInEachNamespaceAndLeaveTheFiguresWhenTheyEnd()
      throws Exception {
    var first = client(1);
    var second = client(2);
    assertEquals("X1", connect(first, "a", "inet", x));
    assertEquals("X1", connect(first, "b", "inet6", x));
    assertEquals("Y2", connect(second, "c", "inet6", y));
    redirect.attach(cgroup());
    assertEquals(new Adoption(3, List.of()), table.adopt(cgroup()));
    assertEquals(new Adoption(0, List.of()), table.adopt(cgroup()));
    assertOpen(2, 1);
    long id = Cgroup2.require(cgroup()).id();
    assertEquals(
        List.of(id + " 2 " + x, id + " 1 " + y),
        table.containers(net.vip).stream()
            .map(c -> "%d %d %s".formatted(c.cgroup(), c.open(), c.server()))
            .toList());
    get(first.ask("close a"));
    assertOpen(1, 1);
    net.finishAll();
    assertOpen(1, 1);
    get(first.ask("close b"));
    get(second.ask("close c"));
    assertOpen(0, 0);
    assertEquals(List.of(), table.containers(net.vip));
  }

  @Test
  void oneThatTheServerBreaksOffLeavesTheFiguresAtOnce() throws Exception {
    var client = client(1);
    assertEquals("X1", connect(client, "a", "inet", x));
    redirect.attach(cgroup());
    assertEquals(1, table.adopt(cgroup()).connections());
    net.resetAll();
    Await.until("it is counted out", () -> traffic().getFirst().open() == 0);
    get(client.ask("close a"));
    assertOpen(0, 0);
  }

  @Test
  void whatIsOfAnotherCgroupOrToAnotherServerIsNotCounted() throws Exception {
    var inner = net.bed.cgroup.child("inner");
    assertEquals("X1", connect(client(1), "a", "inet", x));
    var client = net.client(1, inner, SocketProgram.class);
    net.serve("Z", 7003);
    assertEquals("Z1", connect(client, "a", "inet", NamespaceBed.server(7003)));
    redirect.attach(inner);
    assertEquals(0, table.adopt(inner).connections());
    assertOpen(0, 0);
  }

  @Test
  void newConnectsGoWhereTheAdoptedAreNot() throws Exception {
    var client = client(1);
    connect(client, "a", "inet", x);
    connect(client, "b", "inet", x);
    redirect.attach(cgroup());
    table.adopt(cgroup());
    assertEquals("Y1", connect(client, "c", "inet", net.vip));
    assertEquals("Y1", connect(client, "d", "inet6", net.vip));
  }

  @Test
  void nobodyClosesTheAdopted() throws Exception {
    var client = client(1);
    assertEquals("X1", connect(client, "a", "inet", x));
    redirect.attach(cgroup());
    table.adopt(cgroup());
    var report = new Drain(net.vip, x, Duration.ZERO, 10).run(table);
    assertEquals(0, report.closed());
    assertEquals(1, report.left());
    net.sayAgain();
    assertEquals("X1", get(client.ask("receive a")));
  }

  @Test
  void theFirstOfSeveralVirtualAddressesHasTheAdopted() throws Exception {
    var earlier = VirtualAddress.parse("127.76.0.1:8500");
    table.put(Service.of(earlier, x));
    connect(client(1), "a", "inet", x);
    redirect.attach(cgroup());
    table.adopt(cgroup());
    assertOpen(0, 0);
    assertEquals(1, table.traffic(earlier).orElseThrow().open());
  }

  @ParameterizedTest
  @ValueSource(strings = {"inet", "inet6"})
  void whoGoesAndComesBackKnowsItsConnections(String family) throws Exception {
    var earlier = VirtualAddress.parse("127.76.0.1:8500");
    table.put(Service.of(earlier, x));
    table.put(Service.of(net.vip, x));
    var client = client(2);
    var attachment = redirect.attach(cgroup());
    assertEquals("X2", connect(client, "a", family, net.vip));
    assertEquals("X2", connect(client, "b", family, net.vip));
    assertEquals(List.of(new ServerTraffic(x, true, 2, 2, 0, 0, 2)), traffic());
    attachment.close();
    assertEquals(List.of(new ServerTraffic(x, true, 2, 2, 0, 0, 0)), traffic());
    assertEquals(List.of(), table.containers(net.vip));
    get(client.ask("close a"));
    redirect.attach(cgroup());
    assertEquals(new Adoption(1, List.of()), table.adopt(cgroup()));
    assertEquals(List.of(new ServerTraffic(x, true, 2, 2, 0, 0, 1)), traffic());
    var reading = client.ask("receive b");
    assertEquals(
        new DrainReport(0, 1, 0, 0, List.of()),
        new Drain(net.vip, x, Duration.ZERO, 10).run(table),
        "it was redirected, so it may be closed");
    assertEquals("-103", get(reading));
  }

  @Test
  void theConnectionsOfAnotherAttachmentStayInTheFigures() throws Exception {
    table.put(Service.of(net.vip, x));
    var inner = net.bed.cgroup.child("inner");
    redirect.attach(inner);
    var outer = redirect.attach(cgroup());
    connect(net.client(1, inner, SocketProgram.class), "a", "inet", net.vip);
    var client = client(1);
    connect(client, "b", "inet", net.vip);
    assertEquals(2, traffic().getFirst().open());
    outer.close();
    assertEquals(1, traffic().getFirst().open());
    get(client.ask("close b"));
    assertEquals(1, traffic().getFirst().open());
  }

  @Test
  void aPersistentOneIsDetachedAndAttachedWithoutAMistake() throws Exception {
    try (var pins = BpfFs.mountDetached();
        var persistent = PersistentRedirect.open(pins.path().resolve("rd"))) {
      persistent.table().put(Service.of(net.vip, x));
      persistent.attach(cgroup());
      var client = client(1);
      assertEquals("X1", connect(client, "a", "inet6", net.vip));
      assertTrue(persistent.detach(cgroup()));
      assertEquals(List.of(new ServerTraffic(x, true, 1, 1, 0, 0, 0)), traffic(persistent.table()));
      persistent.attach(cgroup());
      persistent.table().adopt(cgroup());
      assertEquals(List.of(new ServerTraffic(x, true, 1, 1, 0, 0, 1)), traffic(persistent.table()));
      get(client.ask("close a"));
      assertEquals(List.of(new ServerTraffic(x, true, 1, 1, 0, 0, 0)), traffic(persistent.table()));
      persistent.uninstall();
    }
  }

  @Test
  void withoutThePrivilegeItIsRefusedAndNamed() {
    redirect.attach(cgroup());
    var e =
        Powers.without(
            () -> assertThrows(BpfException.class, () -> table.adopt(cgroup())),
            Powers.CAP_SYS_ADMIN,
            Powers.CAP_PERFMON);
    assertTrue(e.getMessage().contains("CAP_PERFMON"), e::getMessage);
    assertThrows(NotCgroup2Exception.class, () -> table.adopt(Path.of("/proc")));
  }
}
