package io.github.purebpf.redirect;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;

/**
 * A TCP server on loopback for very many connects: it answers each with one byte, which says which
 * it is, and closes. A client that has read the byte and then resets leaves no TIME_WAIT.
 */
final class ByteServer implements AutoCloseable {
  private static final int BACKLOG = 1024;

  private final byte name;
  private final ServerSocketChannel socket;
  private final Server place;
  private volatile long served;

  private ByteServer(int name, ServerSocketChannel socket) throws IOException {
    this.name = (byte) name;
    this.socket = socket;
    this.place =
        new Server(
            Ipv4.parse("127.0.0.1"), ((InetSocketAddress) socket.getLocalAddress()).getPort());
  }

  static ByteServer start(int name) throws IOException {
    var loopback = new InetSocketAddress(Ipv4.parse("127.0.0.1").toInetAddress(), 0);
    var server = new ByteServer(name, ServerSocketChannel.open().bind(loopback, BACKLOG));
    Thread.ofPlatform().name("server " + name).start(server::serve);
    return server;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // by this thread only
  private void serve() {
    var answer = ByteBuffer.allocateDirect(1);
    while (socket.isOpen()) {
      try (var client = socket.accept()) {
        answer.clear().put(name).flip();
        client.write(answer);
        served++;
      } catch (IOException closedOrGone) {
        // A client that has gone misses the answer, and says so.
      }
    }
  }

  /** Where it listens. */
  Server server() {
    return place;
  }

  /** How many it has answered. */
  long served() {
    return served;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
