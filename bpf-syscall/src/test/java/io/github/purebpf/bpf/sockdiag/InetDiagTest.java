package io.github.purebpf.bpf.sockdiag;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.internal.sys.InetDiagReqV2;
import io.github.purebpf.bpf.internal.sys.NlMsgHdr;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What is written is read again, and what makes no sense is refused with words. */
class InetDiagTest {
  private static final int VALUE_SIZE = 8;

  static InetSocketAddress address(byte[] ip, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(ip), port);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static Arbitrary<InetSocketAddress> addresses(int size) {
    var bytes = Arbitraries.bytes().array(byte[].class).ofSize(size);
    return Combinators.combine(bytes, Arbitraries.integers().between(0, 0xffff))
        .as(InetDiagTest::address);
  }

  @Provide
  Arbitrary<TcpSocket> sockets() {
    return Arbitraries.of(StandardProtocolFamily.INET, StandardProtocolFamily.INET6)
        .flatMap(
            family -> {
              var ips =
                  family == StandardProtocolFamily.INET
                      ? addresses(4)
                      : Arbitraries.oneOf(addresses(4), addresses(16));
              return Combinators.combine(
                      Arbitraries.of(TcpState.class),
                      ips,
                      ips,
                      Arbitraries.integers(),
                      Arbitraries.longs(),
                      Arbitraries.longs().between(0, 0xffff_ffffL),
                      Arbitraries.integers(),
                      Arbitraries.longs().optional())
                  .as(
                      (state, local, remote, index, cookie, inode, uid, cgroup) ->
                          new TcpSocket(
                              family,
                              state,
                              local,
                              remote,
                              index,
                              cookie,
                              inode,
                              uid,
                              cgroup.map(OptionalLong::of).orElse(OptionalLong.empty())));
            });
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void whatTheKernelWritesIsRead(@ForAll("sockets") TcpSocket socket) {
    var payload = Messages.bytes(Messages.payload(socket));
    assertEquals(socket, InetDiag.socket(payload));
    assertEquals(Optional.empty(), InetDiag.stored(payload, VALUE_SIZE));
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void aSocketIsNamedByItsAddressesAndItsCookie(@ForAll("sockets") TcpSocket socket) {
    try (var arena = Arena.ofConfined()) {
      var request = new Bytes(InetDiag.destroy(arena, socket));
      assertEquals(InetDiag.DESTROY, request.u16(NlMsgHdr.NLMSG_TYPE));
      // The id of the request is laid out as that of the answer.
      var answer = Messages.payload(socket);
      assertArrayEquals(
          Arrays.copyOfRange(answer, 4, 52),
          request.array(NlMsgHdr.SIZE + InetDiagReqV2.ID_IDIAG_SPORT, 48));
    }
  }

  @Property(tries = 2000, edgeCases = EdgeCasesMode.NONE)
  void whatMakesNoSenseIsRefusedAndNothingOutsideIsRead(
      @ForAll("sockets") TcpSocket socket,
      @ForAll byte[] changes,
      @ForAll int where,
      @ForAll("cuts") int cut) {
    byte[] payload = Messages.join(Messages.payload(socket), Messages.stored(7, new byte[8]));
    for (int i = 0; i < changes.length; i++) {
      payload[Math.floorMod(where + i * 5, payload.length)] = changes[i];
    }
    var bytes = Messages.bytes(Arrays.copyOf(payload, Math.max(0, payload.length - cut)));
    readsOrRefuses(() -> InetDiag.socket(bytes));
    readsOrRefuses(
        () ->
            InetDiag.stored(bytes.require(72, "a socket"), VALUE_SIZE)
                .ifPresent(value -> assertEquals(VALUE_SIZE, value.size())));
  }

  @Provide
  Arbitrary<Integer> cuts() {
    return Arbitraries.oneOf(Arbitraries.just(0), Arbitraries.integers().between(0, 120));
  }

  @Property(tries = 1000)
  void attributesOfAnyBytesEnd(@ForAll byte[] bytes) {
    readsOrRefuses(
        () ->
            Attribute.all(Messages.bytes(bytes))
                .forEach(attribute -> assertTrue(attribute.value().size() <= bytes.length)));
  }

  private static void readsOrRefuses(Runnable reading) {
    try {
      reading.run();
    } catch (IllegalStateException e) {
      assertTrue(
          e.getMessage().startsWith("the kernel's answer about sockets makes no sense: "),
          e.toString());
    }
  }

  @Example
  void theValueOfAMapIsFoundBehindItsPadding() {
    var socket = any(TcpState.ESTABLISHED);
    byte[] value = {1, 2, 3, 4, 5, 6, 7, 8};
    var payload =
        Messages.bytes(Messages.join(Messages.payload(socket), Messages.stored(7, value)));
    assertEquals(socket, InetDiag.socket(payload));
    var found = InetDiag.stored(payload, VALUE_SIZE).orElseThrow();
    assertArrayEquals(value, found.segment().toArray(ValueLayout.JAVA_BYTE));
    var e = assertThrows(IllegalStateException.class, () -> InetDiag.stored(payload, 9));
    assertEquals(
        "the kernel's answer about sockets makes no sense: a stored value of 9 bytes at 0, in 8"
            + " bytes",
        e.getMessage());
  }

  static TcpSocket any(TcpState state) {
    return new TcpSocket(
        StandardProtocolFamily.INET6,
        state,
        address(new byte[] {127, 0, 0, 1}, 4711),
        address(new byte[] {127, 0, 0, 2}, 80),
        0,
        77,
        88,
        99,
        OptionalLong.of(5));
  }

  @Example
  void aHalfMadeSocketOfTheKernelIsOneInSynRecv() {
    byte[] payload = Messages.payload(any(TcpState.SYN_RECV));
    payload[1] = 12;
    assertEquals(TcpState.SYN_RECV, InetDiag.socket(Messages.bytes(payload)).state());
    payload[1] = 14;
    assertThrows(IllegalStateException.class, () -> InetDiag.socket(Messages.bytes(payload)));
  }

  @Example
  void anAddressBecomesOneConditionOfTheKernelsFilter() {
    var address = address(new byte[] {10, 1, 2, 3}, 8502);
    var filter = SocketFilter.in(TcpState.ESTABLISHED, TcpState.SYN_SENT).to(address);
    try (var arena = Arena.ofConfined()) {
      var request =
          new Bytes(
              InetDiag.list(arena, StandardProtocolFamily.INET6, filter, OptionalInt.of(0x11)));
      assertEquals(72 + 4 + 4 + 8 + 4 + 8 + 4, request.size());
      assertEquals(request.size(), request.s32(0));
      assertEquals(20, request.u16(4));
      assertEquals(0x301, request.u16(6), "NLM_F_REQUEST | NLM_F_DUMP");
      assertArrayEquals(new byte[] {10, 6, 0, 0}, request.array(16, 4));
      assertEquals(0b110, request.s32(20), "states");
      var code = Attribute.all(request.from(72, "attributes")).getFirst();
      assertEquals(1, code.type());
      assertArrayEquals(new byte[] {8, 16}, code.value().array(0, 2), "INET_DIAG_BC_D_COND");
      assertEquals(20, code.value().u16(2), "far behind the end");
      assertArrayEquals(new byte[] {2, 32}, code.value().array(4, 2), "AF_INET, all bits");
      assertEquals(8502, code.value().s32(8));
      assertArrayEquals(new byte[] {10, 1, 2, 3}, code.value().array(12, 4));
      var storages = Attribute.all(request.from(72, "attributes")).get(1);
      assertEquals(2, storages.type());
      assertEquals(0x11, Attribute.first(storages.value(), 1).orElseThrow().s32(0));
    }
  }

  @Example
  void aMappedSocketIsOfIpv6AndTalksToIpv4() {
    assertTrue(any(TcpState.ESTABLISHED).isMapped());
    assertEquals("the socket 127.0.0.1:4711 to 127.0.0.2:80", any(TcpState.ESTABLISHED).title());
    var remote = address(new byte[16], 0);
    var listening =
        new TcpSocket(
            StandardProtocolFamily.INET6,
            TcpState.LISTEN,
            remote,
            remote,
            0,
            1,
            1,
            0,
            OptionalLong.empty());
    assertFalse(listening.isMapped());
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new TcpSocket(
                StandardProtocolFamily.INET,
                TcpState.LISTEN,
                remote,
                remote,
                0,
                1,
                1,
                0,
                OptionalLong.empty()));
  }

  @Example
  void aFilterRefusesWhatCannotBe() {
    assertThrows(IllegalArgumentException.class, () -> SocketFilter.ALL.toPort(65536));
    assertThrows(IllegalArgumentException.class, () -> SocketFilter.ALL.toPort(-1));
    assertThrows(
        IllegalArgumentException.class,
        () -> SocketFilter.ALL.to(InetSocketAddress.createUnresolved("example.org", 80)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new SocketFilter(Set.of(), Optional.empty(), OptionalInt.empty()));
  }
}
