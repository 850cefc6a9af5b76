package io.github.purebpf.redirect.cli.demo;

import io.github.purebpf.redirect.Ipv4;
import io.github.purebpf.redirect.Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** A TCP server on loopback that answers every connect with its name, and counts them. */
public final class NamedServer implements AutoCloseable {
  private static final int BACKLOG = 128;
  private static final Ipv4 LOOPBACK = Ipv4.parse("127.0.0.1");

  private final String name;
  private final ServerSocket socket;
  private final AtomicInteger served = new AtomicInteger();

  private NamedServer(String name, ServerSocket socket) {
    this.name = name;
    this.socket = socket;
  }

  /** Starts one on a free port. */
  public static NamedServer start(String name) throws IOException {
    InetAddress loopback = LOOPBACK.toInetAddress();
    var server = new NamedServer(name, new ServerSocket(0, BACKLOG, loopback));
    Thread.ofVirtual().name("server " + name).start(server::serve);
    return server;
  }

  private void serve() {
    while (!socket.isClosed()) {
      try (Socket client = socket.accept()) {
        // Counted before the answer, so that whoever has the answer also finds it counted.
        served.incrementAndGet();
        client.getOutputStream().write((name + "\n").getBytes(StandardCharsets.US_ASCII));
      } catch (IOException closedOrGone) {
        // A client that has gone misses the answer, and the step that waits for it says so.
      }
    }
  }

  /** What it answers. */
  public String name() {
    return name;
  }

  /** Where it listens. */
  public Server server() {
    return new Server(LOOPBACK, ((InetSocketAddress) socket.getLocalSocketAddress()).getPort());
  }

  /** How many connects it has taken. */
  public int served() {
    return served.get();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
