package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.Bpftool;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Maps of sockets: sockmap, sockhash, reuseport array and AF_XDP. */
@RequiresKernel
@NoLeakedFds
class SocketMapsIT {
  private static final MapRef NAME = new MapRef("it_sockets");

  private static InetSocketAddress anyPort() throws IOException {
    return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0);
  }

  private static DatagramChannel udp(boolean shared) throws IOException {
    var channel = DatagramChannel.open(StandardProtocolFamily.INET);
    channel.setOption(StandardSocketOptions.SO_REUSEPORT, shared);
    return channel.bind(anyPort());
  }

  private static ServerSocketChannel listener() throws IOException {
    return ServerSocketChannel.open(StandardProtocolFamily.INET).bind(anyPort());
  }

  private static SocketChannel connected(ServerSocketChannel server) throws IOException {
    var channel = SocketChannel.open(StandardProtocolFamily.INET);
    channel.connect(server.getLocalAddress());
    return channel;
  }

  @Test
  void socketsOfTheJdkGoInAndTellTheirCookies() throws IOException {
    try (var map = SockMap.create(NAME, 2);
        var hash = SockHash.create(NAME, Codec.s64(), 2);
        var server = listener();
        var client = connected(server);
        var accepted = server.accept();
        var datagrams = udp(false)) {
      int fd = SocketFds.of("tcp", client, (InetSocketAddress) client.getRemoteAddress());
      assertEquals(OptionalLong.empty(), map.cookie(0));
      map.put(0, fd);
      map.put(1, SocketFds.of("udp", datagrams, null));
      hash.put(7L, fd);
      hash.put(8L, SocketFds.of("tcp", server, null));
      assertTrue(map.cookie(0).isPresent());
      assertEquals(map.cookie(0), hash.cookie(7L));
      assertNotEquals(map.cookie(0), map.cookie(1));
      assertTrue(hash.remove(7L));
      assertFalse(hash.remove(7L));
      assertEquals(OptionalLong.empty(), hash.cookie(7L));
      assertTrue(map.remove(0));
      assertEquals(OptionalLong.empty(), map.cookie(0));
      assertTrue(accepted.isConnected());
    }
  }

  @Test
  void aSocketLeavesTheMapWhenItIsClosed() throws IOException {
    try (var map = SockMap.create(NAME, 1)) {
      try (var datagrams = udp(false)) {
        map.put(0, SocketFds.of("udp", datagrams, null));
        assertTrue(map.cookie(0).isPresent());
      }
      assertEquals(OptionalLong.empty(), map.cookie(0));
    }
  }

  @Test
  void whatIsNoSocketIsRefusedWithWords() {
    try (var map = SockMap.create(NAME, 1);
        var hash = SockHash.create(NAME, Codec.u32(), 1);
        var shared = ReuseportSockArray.create(NAME, 1);
        var xdp = XskMap.create(NAME, 1)) {
      var _ =
          map.withFd(
              fd -> {
                for (var put :
                    new Runnable[] {
                      () -> map.put(0, fd),
                      () -> hash.put(0, fd),
                      () -> shared.put(0, fd),
                      () -> xdp.put(0, fd)
                    }) {
                  var e = assertThrows(KernelErrorException.class, put::run);
                  assertEquals("ENOTSOCK", e.errnoName());
                  assertTrue(e.getMessage().endsWith("the file descriptor is no socket"));
                }
                return fd;
              });
      var e = assertThrows(KernelErrorException.class, () -> map.put(0, 1 << 20));
      assertTrue(e.getMessage().contains("no open file descriptor"), e.getMessage());
    }
  }

  @Test
  void socketsThatShareAPortGoIntoTheirArray() throws IOException {
    try (var array = ReuseportSockArray.create(NAME, 2);
        var one = udp(true);
        var lonely = udp(false)) {
      int fd = SocketFds.of("udp", one, null);
      array.put(0, fd);
      assertTrue(array.cookie(0).isPresent());
      var twice = assertThrows(KernelErrorException.class, () -> array.put(1, fd));
      assertEquals("EBUSY", twice.errnoName());
      int other = SocketFds.of("udp", lonely, null);
      var e = assertThrows(KernelErrorException.class, () -> array.put(1, other));
      assertTrue(e.getMessage().contains("without SO_REUSEPORT"), e.getMessage());
      assertTrue(array.remove(0));
      assertFalse(array.remove(0));
    }
  }

  @Test
  void socketsThatAreNotOfXdpAreRefused() throws IOException {
    try (var map = XskMap.create(NAME, 1);
        var datagrams = udp(false)) {
      int fd = SocketFds.of("udp", datagrams, null);
      var e = assertThrows(KernelErrorException.class, () -> map.put(0, fd));
      assertEquals("EOPNOTSUPP", e.errnoName());
      assertTrue(e.getMessage().contains("none of AF_XDP"), e.getMessage());
      map.remove(0);
    }
  }

  @Test
  void othersSeeThem() {
    try (var map = SockMap.create(NAME, 3);
        var hash = SockHash.create(NAME, Codec.u32(), 3);
        var shared = ReuseportSockArray.create(NAME, 3);
        var xdp = XskMap.create(NAME, 3)) {
      assertTrue(shown(map).contains("\"type\":\"sockmap\""), shown(map));
      assertTrue(shown(hash).contains("\"type\":\"sockhash\""), shown(hash));
      assertTrue(shown(shared).contains("\"type\":\"reuseport_sockarray\""), shown(shared));
      assertTrue(shown(xdp).contains("\"type\":\"xskmap\""), shown(xdp));
      assertTrue(shown(xdp).contains("\"max_entries\":3"), shown(xdp));
    }
  }

  private static String shown(KernelMap map) {
    return Bpftool.run("-j", "map", "show", "id", Integer.toString(map.id()));
  }
}
