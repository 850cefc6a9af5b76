package io.github.purebpf.redirect;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.redirect.cli.demo.ClientProgram;
import io.github.purebpf.redirect.cli.demo.NamedServer;
import io.github.purebpf.redirect.cli.demo.OwnJvm;
import io.github.purebpf.testkit.ScratchCgroup;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Two servers with names, a cgroup, and clients in it. */
public final class TestBed implements AutoCloseable {
  private static final Ipv4 VIP = Ipv4.parse("127.77.0.1");
  private static final int LIMIT_SECONDS = 60;

  public final ScratchCgroup cgroup;
  public final NamedServer a;
  public final NamedServer b;

  /** Nobody listens there. */
  public final VirtualAddress vip;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  public TestBed() throws IOException {
    cgroup = ScratchCgroup.create();
    a = NamedServer.start("A");
    b = NamedServer.start("B");
    vip = unusedVip();
  }

  /** An address in 127/8 whose port is free. */
  public static VirtualAddress unusedVip() throws IOException {
    try (var socket = new ServerSocket(0, 1, VIP.toInetAddress())) {
      return new VirtualAddress(VIP, socket.getLocalPort());
    }
  }

  /** A {@link TestClient} in the cgroup. */
  public Client jvm(String... options) throws IOException {
    return client(cgroup.path(), jvmCommand(options));
  }

  public static List<String> jvmCommand(String... options) {
    return OwnJvm.of(Path.of("target", "test-classes").toString(), TestClient.class, options);
  }

  public Client bash() throws IOException {
    return client(cgroup.path(), ClientProgram.bash().command());
  }

  /** A client in a cgroup that is or is below that of the test. */
  public Client client(Path inCgroup, List<String> command) throws IOException {
    var client = new Client(command.getFirst(), cgroup.execIn(inCgroup, command), threads);
    assertEquals("ready", get(client.started()));
    return client;
  }

  public static String get(CompletableFuture<String> answer) {
    try {
      return answer.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("no answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  @Override
  public void close() throws IOException {
    try (threads;
        a;
        b) {
      cgroup.close();
    }
  }
}
