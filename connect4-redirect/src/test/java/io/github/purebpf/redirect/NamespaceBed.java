package io.github.purebpf.redirect;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.bpf.NetworkNamespace;
import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.redirect.cli.demo.OwnJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Two network namespaces with nothing but loopback, and servers at the same addresses in each,
 * which say their name and that of the namespace: X1, X2.
 */
final class NamespaceBed implements AutoCloseable {
  /** Nobody listens there, in neither. */
  final VirtualAddress vip = VirtualAddress.parse("127.77.0.1:8500");

  final TestBed bed;
  private final List<NetworkNamespace> namespaces = new ArrayList<>();
  private final List<HoldingServer> servers = new ArrayList<>();

  NamespaceBed() throws IOException {
    bed = new TestBed();
    for (int i = 0; i < 2; i++) {
      var namespace = NetworkNamespace.create();
      namespaces.add(namespace);
      run(namespace, "ip", "link", "set", "lo", "up");
    }
  }

  private static void run(NetworkNamespace namespace, String... command) throws IOException {
    var process =
        namespace.call(() -> new ProcessBuilder(command).redirectErrorStream(true).start());
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      assertEquals(0, process.waitFor(), output);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  NetworkNamespace namespace(int number) {
    return namespaces.get(number - 1);
  }

  /** A server in both namespaces. */
  Server serve(String name, int port) throws IOException {
    for (int number = 1; number <= 2; number++) {
      String full = name + number;
      servers.add(namespace(number).call(() -> HoldingServer.start(full, port)));
    }
    return server(port);
  }

  static Server server(int port) {
    return new Server(Ipv4.parse("127.0.0.1"), port);
  }

  /** All servers say their name to all that have a connection. */
  void sayAgain() {
    try {
      for (var server : servers) {
        server.sayAgain();
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** All servers end their connections in order. */
  void finishAll() throws IOException {
    for (var server : servers) {
      server.finish();
    }
  }

  /** All servers break their connections off. */
  void resetAll() throws IOException {
    for (var server : servers) {
      server.reset();
    }
  }

  /** A program in a namespace and in the cgroup. */
  Client client(int namespace, Class<?> program) throws IOException {
    return client(namespace, bed.cgroup.path(), program);
  }

  /** The same in a cgroup below that of the test. */
  Client client(int namespace, Path cgroup, Class<?> program) throws IOException {
    var command =
        OwnJvm.of(
            Path.of("target", "test-classes").toString(),
            program,
            "--enable-native-access=ALL-UNNAMED");
    return namespace(namespace).call(() -> bed.client(cgroup, command));
  }

  /** Opens a socket of a {@link SocketProgram} and connects it; the server's name. */
  static String connect(Client client, String name, String family, Object place) {
    get(client.ask(family + " " + name));
    String where = place.toString().replace(':', ' ');
    String result = get(client.ask("connect %s %s %s".formatted(name, family, where)));
    return result.equals("0") ? get(client.ask("receive " + name)) : result;
  }

  @Override
  public void close() throws IOException {
    bed.close();
    for (var server : servers) {
      server.close();
    }
    namespaces.forEach(NetworkNamespace::close);
  }
}
