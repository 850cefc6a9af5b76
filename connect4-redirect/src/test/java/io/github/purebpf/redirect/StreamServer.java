package io.github.purebpf.redirect;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * A server that holds streams as Consul's do: it says its name on each, and when there are too many
 * it ends some, or refuses new ones, with RESOURCE_EXHAUSTED. It never ends a connection.
 */
final class StreamServer implements AutoCloseable {
  static final int RESOURCE_EXHAUSTED = 8;
  private static final int BACKLOG = 1024;

  private final String name;
  private final ServerSocket socket;

  // Guarded by this.
  private final Set<Socket> connections = new HashSet<>();
  private final Deque<Stream> streams = new ArrayDeque<>();
  private int cap = Integer.MAX_VALUE;
  private int refused;

  private record Stream(Socket connection, int id) {
    void send(Http2Frame frame) throws IOException {
      frame.write(connection.getOutputStream());
    }
  }

  private StreamServer(String name, ServerSocket socket) {
    this.name = name;
    this.socket = socket;
  }

  /** Starts one on a port of loopback, in the network namespace of this thread. */
  static StreamServer start(String name, int port) throws IOException {
    var server =
        new StreamServer(
            name, new ServerSocket(port, BACKLOG, Ipv4.parse("127.0.0.1").toInetAddress()));
    Thread.ofVirtual().name("server " + name).start(server::accept);
    return server;
  }

  Server server() {
    return new Server(Ipv4.parse("127.0.0.1"), socket.getLocalPort());
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        var connection = socket.accept();
        synchronized (this) {
          connections.add(connection);
        }
        Thread.ofVirtual().start(() -> serve(connection));
      } catch (IOException closed) {
        // The test that waits for an answer says so.
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      var in = connection.getInputStream();
      var out = connection.getOutputStream();
      Http2Frame.readPreface(in);
      Http2Frame.settings(0).write(out);
      for (var frame = Http2Frame.read(in); frame.isPresent(); frame = Http2Frame.read(in)) {
        switch (frame.get().type()) {
          case Http2Frame.HEADERS -> open(new Stream(connection, frame.get().stream()));
          case Http2Frame.SETTINGS -> {
            if (frame.get().flags() == 0) {
              Http2Frame.settings(Http2Frame.ACK).write(out);
            }
          }
          default -> throw new IOException("a frame of type " + frame.get().type());
        }
      }
    } catch (IOException broken) {
      // The client notices.
    } finally {
      synchronized (this) {
        connections.remove(connection);
        streams.removeIf(stream -> stream.connection().equals(connection));
      }
    }
  }

  private synchronized void open(Stream stream) throws IOException {
    if (streams.size() >= cap) {
      refused++;
      stream.send(Http2Frame.refusal(stream.id(), RESOURCE_EXHAUSTED));
      return;
    }
    streams.add(stream);
    stream.send(Http2Frame.answer(stream.id()));
    stream.send(Http2Frame.message(stream.id(), name));
  }

  /** Holds no more than so many streams from now on. Returns how many it has ended for that. */
  synchronized int cap(int newCap) throws IOException {
    cap = newCap;
    int ended = 0;
    while (streams.size() > cap) {
      var stream = streams.remove();
      stream.send(Http2Frame.end(stream.id(), RESOURCE_EXHAUSTED));
      ended++;
    }
    return ended;
  }

  /** How many it has. */
  synchronized int streams() {
    return streams.size();
  }

  /** How many it has refused. */
  synchronized int refused() {
    return refused;
  }

  /** Connections, those without a stream too. */
  synchronized int connections() {
    return connections.size();
  }

  @Override
  public synchronized void close() throws IOException {
    socket.close();
    for (var connection : connections) {
      connection.close();
    }
  }
}
