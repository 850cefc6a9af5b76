package io.github.purebpf.redirect;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * A JVM that connects in all the ways that a JVM can: for each line {@code HOW ADDRESS PORT} it
 * prints {@code served NAME}, {@code refused}, or what else happened. For {@code load ADDRESS PORT
 * COUNT} four threads connect that often, and it prints how often each answer came.
 */
final class TestClient {
  private static final int THREADS = 4;
  private static final int UDP_MILLIS = 10_000;

  private TestClient() {}

  public static void main(String[] args) throws Exception {
    System.out.println("ready");
    var requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (var line = requests.readLine(); line != null; line = requests.readLine()) {
      var words = line.split(" ", -1);
      var to = new InetSocketAddress(words[1], Integer.parseInt(words[2]));
      System.out.println(
          words[0].equals("load") ? load(to, Integer.parseInt(words[3])) : connect(words[0], to));
    }
  }

  private static String connect(String how, InetSocketAddress to) {
    try {
      return "served "
          + switch (how) {
            case "socket" -> socket(to);
            case "channel" -> channel(SocketChannel.open(), to);
            case "inet-channel" -> channel(SocketChannel.open(StandardProtocolFamily.INET), to);
            case "udp" -> udp(to);
            default -> throw new IllegalArgumentException(how);
          };
    } catch (ConnectException e) {
      return "Connection refused".equals(e.getMessage()) ? "refused" : e.toString();
    } catch (SocketTimeoutException e) {
      return "silence";
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static String socket(InetSocketAddress to) throws IOException {
    try (var socket = new Socket()) {
      socket.connect(to);
      return line(socket.getInputStream());
    }
  }

  private static String channel(SocketChannel channel, InetSocketAddress to) throws IOException {
    try (channel) {
      channel.connect(to);
      return line(Channels.newInputStream(channel));
    }
  }

  private static String udp(InetSocketAddress to) throws IOException {
    try (var socket = new DatagramSocket()) {
      socket.setSoTimeout(UDP_MILLIS);
      socket.connect(to);
      socket.send(new DatagramPacket(new byte[] {'?'}, 1));
      var answer = new DatagramPacket(new byte[16], 16);
      socket.receive(answer);
      return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII);
    }
  }

  private static String line(InputStream in) throws IOException {
    return new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII)).readLine();
  }

  private static String load(InetSocketAddress to, int count) throws Exception {
    try (var threads = Executors.newFixedThreadPool(THREADS)) {
      var answers =
          threads.invokeAll(
              IntStream.range(0, count)
                  .<java.util.concurrent.Callable<String>>mapToObj(_ -> () -> connect("socket", to))
                  .toList());
      var counts = new TreeMap<String, Integer>();
      for (Future<String> answer : answers) {
        counts.merge(answer.get(), 1, Integer::sum);
      }
      return counts.toString();
    }
  }
}
