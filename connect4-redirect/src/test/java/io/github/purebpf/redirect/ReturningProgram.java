package io.github.purebpf.redirect;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Holds connections, and connects again when one is lost. For each line {@code hold COUNT ADDRESS
 * PORT} it makes so many, one after the other, of both families in turn; for {@code lost} it prints
 * how often each was lost; for {@code servers} who serves each.
 */
public final class ReturningProgram {
  private static final List<Connection> CONNECTIONS = new ArrayList<>();

  private ReturningProgram() {}

  /** One that is always there. */
  private static final class Connection {
    private final StandardProtocolFamily family;
    private final InetSocketAddress address;
    private SocketChannel channel;
    volatile String server;
    volatile int lost;

    Connection(StandardProtocolFamily family, InetSocketAddress address) throws IOException {
      this.family = family;
      this.address = address;
      connect();
    }

    private void connect() throws IOException {
      channel = SocketChannel.open(family);
      try {
        channel.connect(address);
        var name = ByteBuffer.allocate(3);
        while (name.hasRemaining() && channel.read(name) >= 0) {}
        server = new String(name.array(), StandardCharsets.US_ASCII).strip();
      } catch (IOException e) {
        server = "none";
      }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // by this thread only
    void hold() {
      while (!server.equals("none")) {
        try {
          if (channel.read(ByteBuffer.allocate(1)) < 0) {
            return;
          }
        } catch (IOException aborted) {
          try {
            channel.close();
            connect();
          } catch (IOException e) {
            server = "none";
          }
          lost++;
        }
      }
    }
  }

  public static void main(String[] args) throws IOException {
    System.out.println("ready");
    var requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (var line = requests.readLine(); line != null; line = requests.readLine()) {
      var words = line.split(" ", -1);
      switch (words[0]) {
        case "hold" -> hold(words);
        case "lost" -> print(CONNECTIONS.stream().map(c -> Integer.toString(c.lost)).toList());
        case "servers" -> print(CONNECTIONS.stream().map(c -> c.server).toList());
        default -> throw new IllegalArgumentException(line);
      }
    }
  }

  private static void print(List<String> words) {
    System.out.println(String.join(" ", words));
  }

  private static void hold(String[] words) throws IOException {
    var address =
        new InetSocketAddress(InetAddress.ofLiteral(words[2]), Integer.parseInt(words[3]));
    for (int i = 0; i < Integer.parseInt(words[1]); i++) {
      var family = i % 2 == 0 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
      var connection = new Connection(family, address);
      CONNECTIONS.add(connection);
      Thread.ofVirtual().start(connection::hold);
    }
    print(CONNECTIONS.stream().map(c -> c.server).toList());
  }
}
