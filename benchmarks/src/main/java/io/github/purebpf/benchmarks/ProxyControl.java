package io.github.purebpf.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** HAProxy, and one who keeps a connection to its runtime API. */
final class ProxyControl extends Control {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String PROMPT = "> ";

  private final int port;
  private final SocketChannel api;
  private final ByteBuffer answer = ByteBuffer.allocate(4096);

  private ProxyControl(Peer.Ready peer, Process process, int port, SocketChannel api) {
    super(peer, process);
    this.port = port;
    this.api = api;
  }

  static ProxyControl start(Peer.Ready peer, Path folder, int server) throws IOException {
    int port;
    try (var free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    var socket = folder.resolve("haproxy.sock");
    var configuration = folder.resolve("haproxy-controller.cfg");
    Files.writeString(
        configuration,
        """
      global
        stats socket %s mode 600 level admin
        stats timeout 1h
      defaults
        mode tcp
        timeout connect 10s
        timeout client 60s
        timeout server 60s
      listen service
        bind %s:%d
        server one %s:%d
      """
            .formatted(socket, Starts.VIRTUAL, port, ControllerStage.FIRST, server));
    // In the foreground, so that it is this process's child.
    var process =
        new ProcessBuilder(
                List.of(peer.command().getFirst(), "-db", "-q", "-f", configuration.toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      var control = new ProxyControl(peer, process, port, connect(socket));
      control.ask("prompt");
      return control;
    } catch (IOException | RuntimeException e) {
      end(process);
      throw e;
    }
  }

  private static SocketChannel connect(Path socket) throws IOException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        channel.connect(UnixDomainSocketAddress.of(socket));
        return channel;
      } catch (IOException e) {
        channel.close();
        if (System.nanoTime() > end) {
          throw e;
        }
        Thread.onSpinWait(); // it is not there yet
      }
    }
  }

  private String ask(String command) throws IOException {
    api.write(ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.US_ASCII)));
    answer.clear();
    while (api.read(answer) >= 0) {
      var text = new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII);
      if (text.endsWith(PROMPT)) {
        return text;
      }
    }
    throw new IOException("HAProxy hangs up");
  }

  @Override
  String address() {
    return Starts.VIRTUAL;
  }

  @Override
  int port() {
    return port;
  }

  @Override
  void update(String server) throws IOException {
    String said = ask("set server service/one addr " + server);
    if (!said.contains("changed")) {
      throw new IOException("HAProxy: " + said);
    }
  }

  @Override
  void clear() {
    try {
      api.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
