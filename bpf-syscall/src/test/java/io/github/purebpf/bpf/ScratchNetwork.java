package io.github.purebpf.bpf;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A network namespace of a test's own, whose loopback interface is up; it ends when closed. */
final class ScratchNetwork implements AutoCloseable {
  static final int LOOPBACK = 1;
  private static final int LIMIT_MILLIS = 30_000;

  private final NetworkNamespace namespace = NetworkNamespace.create();

  ScratchNetwork() throws IOException {
    try {
      // Else the kernel sends packets of its own accord, which would be counted.
      write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
      write("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
      ip("link", "set", "lo", "up");
    } catch (IOException | RuntimeException e) {
      namespace.close();
      throw e;
    }
  }

  private void write(String path, String value) throws IOException {
    namespace.call(() -> Files.writeString(Path.of(path), value));
  }

  NetworkNamespace namespace() {
    return namespace;
  }

  <T, X extends Throwable> T call(ScopedValue.CallableOp<T, X> action) throws X {
    return namespace.call(action);
  }

  BpfLink attach(BpfProgram program, AttachPoint point) {
    return namespace.call(() -> program.attach(point));
  }

  /** Runs {@code ip} inside: what it prints. */
  String ip(String... arguments) throws IOException {
    var command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    return namespace.call(
        () -> {
          var process = new ProcessBuilder(command).redirectErrorStream(true).start();
          var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
          try {
            if (process.waitFor() != 0) {
              throw new IOException(command + ": " + output);
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
          }
          return output;
        });
  }

  int ifindex(String name) {
    return namespace.call(() -> AttachPoint.ifindex(name));
  }

  /** Sends one datagram over the loopback interface and receives it. */
  void ping() throws IOException {
    namespace.call(
        () -> {
          var address = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
          try (var socket = new DatagramSocket(new InetSocketAddress(address, 0))) {
            socket.setSoTimeout(LIMIT_MILLIS);
            socket.send(new DatagramPacket(new byte[1], 1, socket.getLocalSocketAddress()));
            socket.receive(new DatagramPacket(new byte[1], 1));
          }
          return null;
        });
  }

  /**
   * A pair of interfaces: what goes out of one comes in at the other.
   *
   * @param queues by which they receive; they send by two
   */
  void veth(String one, String other, int queues) throws IOException {
    var queue = "numtxqueues 2 numrxqueues " + queues;
    var pair = "link add dev " + one + " " + queue + " type veth peer name " + other + " " + queue;
    ip(pair.split(" "));
    ip("addr", "add", "10.77.0.1/24", "brd", "+", "dev", one);
    ip("link", "set", one, "up");
    ip("link", "set", other, "up");
  }

  /** Sends one datagram to all behind the first interface of the pair. */
  void broadcast() throws IOException {
    namespace.call(
        () -> {
          try (var socket = new DatagramSocket(0)) {
            socket.setBroadcast(true);
            var all = InetAddress.getByAddress(new byte[] {10, 77, 0, (byte) 255});
            socket.send(new DatagramPacket(new byte[1], 1, new InetSocketAddress(all, 9)));
          }
          return null;
        });
  }

  @Override
  public void close() {
    namespace.close();
  }
}
