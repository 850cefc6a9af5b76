package io.github.purebpf.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.testkit.ScratchCgroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

@RequiresKernel
class StandaloneRedirectIT {
  private static final String VIP = "127.77.0.2";
  private static final String CLIENT = "exec 3<>/dev/tcp/$0/$1 && read -r name <&3 && echo $name";

  @Test
  void sendsAClientToTheServerThatItsInputNames() throws IOException, InterruptedException {
    try (var cgroup = ScratchCgroup.create();
        var a = server("A");
        var b = server("B")) {
      var vip = unusedPort();
      var address = VIP + ":" + vip;
      var example = start(cgroup.toString(), address, "127.0.0.1:" + a.getLocalPort());
      try (var output = example.inputReader();
          var input = example.outputWriter()) {
        assertEquals(
            "redirecting %s to 127.0.0.1:%d".formatted(address, a.getLocalPort()),
            output.readLine());
        assertEquals("A\n", connect(cgroup, vip));
        input.write("127.0.0.1:" + b.getLocalPort() + "\n");
        input.flush();
        assertEquals(
            "redirecting %s to 127.0.0.1:%d".formatted(address, b.getLocalPort()),
            output.readLine());
        assertEquals("B\n", connect(cgroup, vip));
      }
      assertTrue(example.waitFor(1, TimeUnit.MINUTES), "the end of its input ends it");
      assertEquals(0, example.exitValue());
      assertEquals("", connect(cgroup, vip), "refused");
    }
  }

  private static Process start(String... arguments) throws IOException {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                StandaloneRedirect.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static String connect(ScratchCgroup cgroup, int port) throws IOException {
    var client = cgroup.exec(List.of("bash", "-c", CLIENT, VIP, Integer.toString(port)));
    return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static int unusedPort() throws IOException {
    try (var socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(VIP, 0));
      return socket.getLocalPort();
    }
  }

  /** Answers every connect with a name. */
  private static ServerSocket server(String name) throws IOException {
    var server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    Thread.ofVirtual()
        .start(
            () -> {
              while (!server.isClosed()) {
                try (var client = server.accept()) {
                  client.getOutputStream().write((name + "\n").getBytes(StandardCharsets.UTF_8));
                } catch (IOException closedOrGone) {
                  // The client has no answer then, and the test fails.
                }
              }
            });
    return server;
  }
}
