package io.github.purebpf.bpf.sockdiag;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.bpf.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.NoSuchElementException;

/** A network namespace with nothing but a loopback interface, and sockets of the JDK in it. */
final class LoopbackNet {
  /** What to close, the last first. */
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  private final NetworkNamespace namespace;
  final SockDiag sockets;

  /** Two sockets that are connected. */
  record Pair(SocketChannel client, SocketChannel server) {}

  LoopbackNet() throws Exception {
    namespace = keep(NetworkNamespace.create());
    run("ip", "link", "set", "lo", "up");
    sockets = keep(namespace.call(SockDiag::open));
  }

  NetworkNamespace namespace() {
    return namespace;
  }

  <T extends AutoCloseable> T keep(T resource) {
    opened.push(resource);
    return resource;
  }

  /** Runs a command inside: what it prints. */
  String run(String... command) throws Exception {
    var process =
        namespace.call(() -> new ProcessBuilder(command).redirectErrorStream(true).start());
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output;
  }

  /** A socket that listens. */
  ServerSocketChannel listen(String ip, int backlog) throws IOException {
    var server = keep(namespace.call(ServerSocketChannel::open));
    return server.bind(new InetSocketAddress(InetAddress.ofLiteral(ip), 0), backlog);
  }

  SocketChannel client(StandardProtocolFamily family) throws IOException {
    return keep(namespace.call(() -> SocketChannel.open(family)));
  }

  /**
   * @param ip the address to listen and connect to
   */
  Pair connect(StandardProtocolFamily family, String ip) throws IOException {
    try (var server = listen(ip, 1)) {
      return connect(family, server);
    }
  }

  Pair connect(StandardProtocolFamily family, ServerSocketChannel server) throws IOException {
    var client = client(family);
    client.connect(server.getLocalAddress());
    return new Pair(client, keep(server.accept()));
  }

  /** What the kernel says of a socket. */
  TcpSocket of(SocketChannel channel) {
    try {
      var local = channel.getLocalAddress();
      var remote = channel.getRemoteAddress();
      return sockets.tcp(SocketFilter.ALL).stream()
          .filter(socket -> socket.local().equals(local) && socket.remote().equals(remote))
          .findFirst()
          .orElseThrow(() -> new NoSuchElementException(channel + " is not listed"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The file descriptor of a socket, which the JDK does not tell. */
  static int fd(TcpSocket socket) throws IOException {
    String link = "socket:[" + socket.inode() + "]";
    try (var fds = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (var fd : fds) {
        if (Files.isSymbolicLink(fd) && Files.readSymbolicLink(fd).toString().equals(link)) {
          return Integer.parseInt(fd.getFileName().toString());
        }
      }
    }
    throw new NoSuchElementException(link);
  }

  void close() throws Exception {
    for (var resource : List.copyOf(opened)) {
      resource.close();
    }
  }
}
