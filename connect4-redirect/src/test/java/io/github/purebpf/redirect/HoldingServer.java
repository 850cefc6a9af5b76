package io.github.purebpf.redirect;

import io.github.purebpf.testkit.Await;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A TCP server that says its name and then holds the connection until it is told otherwise. */
public final class HoldingServer implements AutoCloseable {
  private static final int BACKLOG = 1024;

  private final String name;
  private final ServerSocket socket;
  private final List<Socket> connections = new CopyOnWriteArrayList<>();

  private HoldingServer(String name, ServerSocket socket) {
    this.name = name;
    this.socket = socket;
  }

  /** Starts one on a free port of loopback. */
  public static HoldingServer start(String name) throws IOException {
    return start(name, 0);
  }

  /** Starts one on a port of loopback, in the network namespace of this thread. */
  public static HoldingServer start(String name, int port) throws IOException {
    var server =
        new HoldingServer(
            name, new ServerSocket(port, BACKLOG, Ipv4.parse("127.0.0.1").toInetAddress()));
    Thread.ofVirtual().name("server " + name).start(server::serve);
    return server;
  }

  private void serve() {
    while (!socket.isClosed()) {
      try {
        var client = socket.accept();
        client.getOutputStream().write((name + "\n").getBytes(StandardCharsets.US_ASCII));
        connections.add(client);
      } catch (IOException closedOrGone) {
        // The test that waits for an answer says so.
      }
    }
  }

  /** Where it listens. */
  public Server server() {
    return new Server(
        Ipv4.parse("127.0.0.1"), ((InetSocketAddress) socket.getLocalSocketAddress()).getPort());
  }

  /** Waits until it has taken so many connections. */
  public void await(int count) throws InterruptedException {
    Await.until(count + " connections to " + name, () -> connections.size() >= count);
  }

  /** How many it has taken. */
  public int taken() {
    return connections.size();
  }

  /** Says its name again, to all. */
  public void sayAgain() throws IOException {
    for (var connection : connections) {
      try {
        connection.getOutputStream().write((name + "\n").getBytes(StandardCharsets.US_ASCII));
      } catch (SocketException closed) {
        // Who still has a connection hears it.
      }
    }
  }

  /** Ends all connections in order. */
  public void finish() throws IOException {
    for (var connection : connections) {
      connection.shutdownOutput();
    }
  }

  /** Breaks all connections off. */
  public void reset() throws IOException {
    for (var connection : connections) {
      connection.setSoLinger(true, 0);
      connection.close();
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
    for (var connection : connections) {
      connection.close();
    }
  }
}
