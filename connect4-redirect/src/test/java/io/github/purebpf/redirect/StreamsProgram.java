package io.github.purebpf.redirect;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Clients as Envoy is with {@code max_requests_per_connection: 1}: each has one stream in a
 * connection of its own, and makes another connection when the one or the other ends.
 *
 * <p>For each line {@code hold COUNT ADDRESS PORT} there are so many more, of both families in
 * turn; for {@code servers} it prints who serves each, {@code none} where nobody does; for {@code
 * lost} how many connections of each broke, and for {@code exhausted} how many streams of each
 * ended with RESOURCE_EXHAUSTED.
 */
public final class StreamsProgram {
  private static final int CONNECT_TIMEOUT_MILLIS = 500;
  private static final int PAUSE_MILLIS = 50;
  private static final String NONE = "none";
  private static final List<Client> CLIENTS = new ArrayList<>();

  private StreamsProgram() {}

  private static final class Client {
    private final StandardProtocolFamily family;
    private final InetSocketAddress address;
    private String server = NONE;
    private int lost;
    private int exhausted;

    Client(StandardProtocolFamily family, InetSocketAddress address) {
      this.family = family;
      this.address = address;
    }

    synchronized String server() {
      return server;
    }

    synchronized int lost() {
      return lost;
    }

    synchronized int exhausted() {
      return exhausted;
    }

    void run() {
      try {
        while (true) {
          hold();
          Thread.sleep(PAUSE_MILLIS);
        }
      } catch (InterruptedException e) {
        // Nobody does that.
      }
    }

    /** One connection, from its beginning to its end. */
    private void hold() {
      try (var channel = SocketChannel.open(family)) {
        channel.socket().connect(address, CONNECT_TIMEOUT_MILLIS);
        var out = channel.socket().getOutputStream();
        Http2Frame.writePreface(out);
        Http2Frame.settings(0).write(out);
        Http2Frame.request(1, "/streams").write(out);
        read(channel);
      } catch (IOException e) {
        synchronized (this) {
          lost += server.equals(NONE) ? 0 : 1;
          server = NONE;
        }
      }
    }

    private void read(SocketChannel channel) throws IOException {
      var in = channel.socket().getInputStream();
      while (true) {
        var frame = Http2Frame.read(in).orElseThrow(EOFException::new);
        synchronized (this) {
          if (frame.type() == Http2Frame.DATA) {
            server = frame.text();
          } else if (frame.ends(StreamServer.RESOURCE_EXHAUSTED)) {
            exhausted++;
            server = NONE;
            return;
          }
        }
        if (frame.type() == Http2Frame.SETTINGS && frame.flags() == 0) {
          Http2Frame.settings(Http2Frame.ACK).write(channel.socket().getOutputStream());
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
        case "servers" -> print(Client::server);
        case "lost" -> print(Client::lost);
        case "exhausted" -> print(Client::exhausted);
        default -> throw new IllegalArgumentException(line);
      }
    }
  }

  private static void print(Function<Client, Object> what) {
    System.out.println(String.join(" ", CLIENTS.stream().map(what).map(String::valueOf).toList()));
  }

  private static void hold(String[] words) throws IOException {
    var address =
        new InetSocketAddress(InetAddress.ofLiteral(words[2]), Integer.parseInt(words[3]));
    for (int i = 0; i < Integer.parseInt(words[1]); i++) {
      var family = i % 2 == 0 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
      var client = new Client(family, address);
      CLIENTS.add(client);
      Thread.ofVirtual().start(client::run);
    }
    System.out.println("begun");
  }
}
