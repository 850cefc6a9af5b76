package io.github.purebpf.redirect.cli.demo;

import io.github.purebpf.redirect.Ipv4;
import io.github.purebpf.redirect.Server;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A TCP server on loopback that says its name and then holds the connection, as Consul's servers
 * hold the streams of sidecars.
 */
final class StreamServer implements AutoCloseable {
  private static final int BACKLOG = 128;
  private static final Ipv4 LOOPBACK = Ipv4.parse("127.0.0.1");

  private final String name;
  private final ServerSocket socket;
  private final Set<Socket> held = ConcurrentHashMap.newKeySet();

  private StreamServer(String name, ServerSocket socket) {
    this.name = name;
    this.socket = socket;
  }

  /** Starts one on a free port. */
  static StreamServer start(String name) throws IOException {
    var server = new StreamServer(name, new ServerSocket(0, BACKLOG, LOOPBACK.toInetAddress()));
    Thread.ofVirtual().name("server " + name).start(server::serve);
    return server;
  }

  private void serve() {
    while (!socket.isClosed()) {
      try {
        var client = socket.accept();
        // Held before the answer, so that whoever has the answer also finds it counted.
        held.add(client);
        Thread.ofVirtual().name("stream of " + name).start(() -> hold(client));
      } catch (IOException closedOrGone) {
        // The step that waits for an answer says so.
      }
    }
  }

  private void hold(Socket client) {
    try (client) {
      client.getOutputStream().write((name + "\n").getBytes(StandardCharsets.US_ASCII));
      while (client.getInputStream().read() >= 0) {}
    } catch (IOException broken) {
      // That is how a connection ends that is moved.
    } finally {
      held.remove(client);
    }
  }

  /** What it says. */
  String name() {
    return name;
  }

  /** Where it listens. */
  Server server() {
    return new Server(LOOPBACK, ((InetSocketAddress) socket.getLocalSocketAddress()).getPort());
  }

  /** How many connections it has. */
  int held() {
    return held.size();
  }

  @Override
  public void close() throws IOException {
    socket.close();
    for (var client : held) {
      client.close();
    }
  }
}
