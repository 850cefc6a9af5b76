package io.github.purebpf.redirect;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.redirect.cli.demo.NamedServer;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ordinary programs connect to a virtual address, and each test asserts which server answered. */
@RequiresKernel
@NoLeakedFds
class ConnectIT {
  private static final String IPV4_ONLY = "-Djava.net.preferIPv4Stack=true";
  private static final int UPDATES = 10_000;
  private static final int CONNECTS = 8_000;

  private TestBed bed;
  private Connect4Redirect redirect;

  @BeforeEach
  void open() throws IOException {
    bed = new TestBed();
    redirect = Connect4Redirect.open();
  }

  @AfterEach
  void close() throws IOException {
    redirect.close();
    bed.close();
  }

  private void attachAndMapToA() {
    redirect.put(bed.vip, bed.a.server());
    redirect.attach(bed.cgroup.path());
  }

  private static String ask(Client client, String how, Object to) {
    return get(client.ask(how + " " + to.toString().replace(':', ' ')));
  }

  private void assertRefusedThenAThenB(Client client, String how) {
    var request = (how + " " + bed.vip.toString().replace(':', ' ')).strip();
    redirect.attach(bed.cgroup.path());
    assertEquals("refused", get(client.ask(request)));
    redirect.put(bed.vip, bed.a.server());
    assertEquals("served A", get(client.ask(request)));
    redirect.put(bed.vip, bed.b.server());
    assertEquals("served B", get(client.ask(request)));
    assertNotEquals(bed.vip.port(), bed.a.server().port(), "the port is rewritten as well");
  }

  @Test
  void aClientWithAnInetSocketIsServedByTheServerOfTheTable() throws IOException {
    assertRefusedThenAThenB(bed.bash(), "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"socket", "channel", "inet-channel"})
  void aJvmIsServedByTheServerOfTheTable(String how) throws IOException {
    assertRefusedThenAThenB(bed.jvm(), how);
  }

  @ParameterizedTest
  @ValueSource(strings = {"socket", "channel"})
  void aJvmThatPrefersIpv4IsServedByTheServerOfTheTable(String how) throws IOException {
    assertRefusedThenAThenB(bed.jvm(IPV4_ONLY), how);
  }

  @Test
  void aClientInACgroupBelowIsServedAsWell() throws IOException {
    var below = bed.cgroup.child("below");
    attachAndMapToA();
    var client = bed.client(below, TestBed.jvmCommand());
    assertEquals("served A", ask(client, "socket", bed.vip));
    assertEquals("served A", ask(client, "inet-channel", bed.vip));
  }

  @Test
  void eachPortOfAnAddressHasAServerOfItsOwn() throws IOException {
    var other = TestBed.unusedVip();
    attachAndMapToA();
    var client = bed.jvm();
    assertEquals("refused", ask(client, "socket", other));
    assertEquals("refused", ask(client, "inet-channel", other));
    redirect.put(other, bed.b.server());
    for (var how : new String[] {"socket", "inet-channel"}) {
      assertEquals("served A", ask(client, how, bed.vip));
      assertEquals("served B", ask(client, how, other));
    }
  }

  @Test
  void anAddressThatIsNotMappedIsLeftAlone() throws IOException {
    attachAndMapToA();
    var client = bed.jvm();
    assertEquals("served B", ask(client, "socket", bed.b.server()));
    assertEquals("served B", ask(client, "inet-channel", bed.b.server()));
  }

  @Test
  void anAddressThatWasRemovedIsLeftAlone() throws IOException {
    attachAndMapToA();
    var client = bed.jvm();
    assertEquals("served A", ask(client, "socket", bed.vip));
    assertTrue(redirect.table().remove(bed.vip));
    assertEquals("refused", ask(client, "socket", bed.vip));
    assertEquals("refused", ask(client, "inet-channel", bed.vip));
  }

  /** A UDP server at the virtual address and one at the place of the mapped server. */
  @ParameterizedTest
  @ValueSource(strings = {"-Dany", IPV4_ONLY})
  void udpIsLeftAlone(String option) throws IOException {
    attachAndMapToA();
    try (var _ = UdpServer.start("virtual", bed.vip.address(), bed.vip.port());
        var _ = UdpServer.start("mapped", bed.a.server().address(), bed.a.server().port())) {
      var client = bed.jvm(option);
      assertEquals("served virtual", ask(client, "udp", bed.vip));
      assertEquals("served A", ask(client, "socket", bed.vip), "the same over TCP");
    }
  }

  /**
   * The last word of ::1 is that of 0.0.0.1: a program that did not look at the rest of the address
   * would take the one for the other.
   */
  @Test
  void nativeIpv6IsLeftAlone() throws IOException {
    Assumptions.assumeTrue(hasIpv6Loopback(), "needs ::1 on the loopback interface");
    try (var six = new ServerSocket(0, 1, Inet6Address.ofLiteral("::1"))) {
      redirect.put(new VirtualAddress(Ipv4.parse("0.0.0.1"), six.getLocalPort()), bed.a.server());
      attachAndMapToA();
      Thread.ofVirtual().start(() -> answerOnce(six, "six"));
      assertEquals("served six", get(bed.jvm().ask("socket ::1 " + six.getLocalPort())));
    }
  }

  private static void answerOnce(ServerSocket server, String name) {
    try (var client = server.accept()) {
      client.getOutputStream().write((name + "\n").getBytes(StandardCharsets.US_ASCII));
    } catch (IOException closed) {
      // Then the client has no answer, and the assertion about it fails.
    }
  }

  private static boolean hasIpv6Loopback() throws IOException {
    return Collections.list(NetworkInterface.getByName("lo").getInetAddresses()).stream()
        .anyMatch(address -> address instanceof Inet6Address);
  }

  @Test
  void aProcessOutsideTheCgroupIsLeftAlone() throws IOException {
    attachAndMapToA();
    assertEquals("served A", ask(bed.jvm(), "socket", bed.vip));
    Assertions.assertThrows(
        ConnectException.class,
        () -> {
          try (var socket = new Socket(bed.vip.address().toInetAddress(), bed.vip.port())) {
            Assertions.fail("connected to " + socket);
          }
        });
  }

  @Test
  void closingTheAttachmentDetaches() throws IOException {
    redirect.put(bed.vip, bed.a.server());
    var client = bed.jvm();
    try (var attachment = redirect.attach(bed.cgroup.path())) {
      assertEquals(bed.cgroup.path(), attachment.cgroup());
      assertEquals("served A", ask(client, "socket", bed.vip));
      assertEquals("served A", ask(client, "inet-channel", bed.vip));
    }
    assertEquals("refused", ask(client, "socket", bed.vip));
    assertEquals("refused", ask(client, "inet-channel", bed.vip));
  }

  @Test
  void closingTheRedirectorDetachesEverything() throws IOException {
    attachAndMapToA();
    redirect.attach(bed.cgroup.child("below"));
    var client = bed.client(bed.cgroup.path().resolve("below"), TestBed.jvmCommand());
    assertEquals("served A", ask(client, "socket", bed.vip));
    redirect.close();
    assertEquals("refused", ask(client, "socket", bed.vip));
    assertEquals("refused", ask(client, "inet-channel", bed.vip));
    redirect.close();
    Assertions.assertThrows(IllegalStateException.class, () -> redirect.attach(bed.cgroup.path()));
  }

  @Test
  void underUpdatesEveryConnectIsServedByOneOfTheServersOfItsTime() throws IOException {
    attachAndMapToA();
    var client = bed.jvm();
    var answer = client.ask("load " + bed.vip.toString().replace(':', ' ') + " " + CONNECTS);
    NamedServer[] servers = {bed.a, bed.b};
    int updates = 0;
    while (updates < UPDATES || !answer.isDone()) {
      redirect.put(bed.vip, servers[++updates % 2].server());
    }
    var counts = Pattern.compile("\\{served A=(\\d+), served B=(\\d+)}").matcher(get(answer));
    assertTrue(counts.matches(), () -> get(answer));
    assertEquals(CONNECTS, Integer.parseInt(counts.group(1)) + Integer.parseInt(counts.group(2)));
    assertEquals(Integer.parseInt(counts.group(1)), bed.a.served());
    assertEquals(Integer.parseInt(counts.group(2)), bed.b.served());
  }
}
