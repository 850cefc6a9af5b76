package io.github.purebpf.redirect;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.charset.StandardCharsets;

/** Answers every datagram with its name. */
final class UdpServer implements AutoCloseable {
  private final byte[] name;
  private final DatagramSocket socket;

  private UdpServer(String name, DatagramSocket socket) {
    this.name = name.getBytes(StandardCharsets.US_ASCII);
    this.socket = socket;
  }

  static UdpServer start(String name, Ipv4 address, int port) throws IOException {
    var server = new UdpServer(name, new DatagramSocket(port, address.toInetAddress()));
    Thread.ofVirtual().start(server::serve);
    return server;
  }

  private void serve() {
    while (!socket.isClosed()) {
      try {
        var question = new DatagramPacket(new byte[16], 16);
        socket.receive(question);
        socket.send(new DatagramPacket(name, name.length, question.getSocketAddress()));
      } catch (IOException closed) {
        // Then a client has no answer, and says so.
      }
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
