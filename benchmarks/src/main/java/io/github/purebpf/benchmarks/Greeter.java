package io.github.purebpf.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** A server that greets whoever connects with a byte, and hangs up. */
final class Greeter implements AutoCloseable {
  private final ServerSocket socket;
  private final char greeting;

  private Greeter(ServerSocket socket, char greeting) {
    this.socket = socket;
    this.greeting = greeting;
  }

  /**
   * Starts one.
   *
   * @param port 0 for any that is free
   */
  static Greeter start(String address, int port, char greeting) throws IOException {
    var greeter = new Greeter(new ServerSocket(port, 64, InetAddress.getByName(address)), greeting);
    Thread.ofPlatform().daemon().name("greeter").start(greeter::greet);
    return greeter;
  }

  private void greet() {
    while (!socket.isClosed()) {
      try (var client = socket.accept()) {
        client.getOutputStream().write(greeting);
      } catch (IOException e) {
        // It is closed, or the client has gone; then it will say that it was not greeted.
      }
    }
  }

  int port() {
    return socket.getLocalPort();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
