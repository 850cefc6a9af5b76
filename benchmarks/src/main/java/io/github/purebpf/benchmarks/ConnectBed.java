package io.github.purebpf.benchmarks;

import io.github.purebpf.bpf.NetworkNamespace;
import io.github.purebpf.redirect.Connect4Redirect;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.testkit.ScratchCgroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * A client and a server, each in a network namespace of its own, with a veth pair between them, and
 * what brings the one to the other. All beds have the same addresses and routes.
 */
final class ConnectBed implements Contender {
  private static final Answer NOTHING = new Answer.Nothing("shows nothing on this way");

  /** There is nothing to be compiled: a part of the operations is enough. */
  private static final int WARM_UP = 8;

  private static final String HAPROXY =
      """
      defaults
        mode tcp
        timeout connect 10s
        timeout client 60s
        timeout server 60s
      """;

  private final Peer.Ready peer;
  private final Way way;
  private final Workshop workshop;
  private final ScratchCgroup cgroup;

  /** What takes it down again, the last first. */
  private final Deque<Runnable> undo = new ArrayDeque<>();

  private PeerProcess client;

  private ConnectBed(Peer.Ready peer, Workshop workshop, ScratchCgroup cgroup) {
    this.peer = peer;
    this.way = Way.of(peer).orElseThrow();
    this.workshop = workshop;
    this.cgroup = cgroup;
  }

  /**
   * Sets one up.
   *
   * @param cgroup for its processes
   * @throws IOException if something fails, or the client does not reach its server
   */
  static ConnectBed open(Peer.Ready peer, Workshop workshop, ScratchCgroup cgroup)
      throws IOException {
    var bed = new ConnectBed(peer, workshop, cgroup);
    try {
      bed.setUp();
      return bed;
    } catch (IOException | RuntimeException e) {
      try {
        bed.close();
      } catch (RuntimeException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  private void setUp() throws IOException {
    var behind = namespace();
    var server = start(behind, "server", Character.toString(way.greeting));
    var before = namespace();
    String process = Long.toString(server.pid());
    run(before, "ip", "link", "set", "lo", "up");
    run(before, "ip", "link", "add", "near", "type", "veth", "peer", "far", "netns", process);
    run(before, "ip", "address", "add", Way.CLIENT + "/24", "dev", "near");
    run(before, "ip", "link", "set", "near", "up");
    run(behind, "ip", "address", "add", Way.SERVER + "/24", "dev", "far");
    run(behind, "ip", "link", "set", "far", "up");
    // Where rules redirect, there must be a route to what nobody has.
    run(before, "ip", "route", "add", "default", "via", Way.SERVER);
    switch (way) {
      case PUREBPF -> redirect();
      case DIRECT -> {}
      case DNAT, DNAT_MANY ->
          run(before, "iptables-restore", rules(way, workshop.folder()).toString());
      case HAPROXY -> proxy(before);
    }
    client = start(before, "connects", way.target, Way.SERVER, Character.toString(way.greeting));
  }

  private NetworkNamespace namespace() {
    var namespace = NetworkNamespace.create();
    undo.push(namespace::close);
    return namespace;
  }

  /** Starts one of the two programs, which ends with its standard input. */
  private PeerProcess start(NetworkNamespace namespace, String program, String... arguments)
      throws IOException {
    var command = new ArrayList<>(List.of(workshop.program(program).toString()));
    command.addAll(List.of(arguments));
    var process = PeerProcess.of(peer, exec(namespace, program, command));
    undo.push(process::close);
    return process;
  }

  private Process exec(NetworkNamespace namespace, String name, List<String> command)
      throws IOException {
    var own = cgroup(name);
    return namespace.call(() -> cgroup.execIn(own, command));
  }

  private Path cgroup(String program) throws IOException {
    return Files.createDirectories(cgroup.path().resolve(way.key + "-" + program));
  }

  /** As many addresses as there are rules; only one of them is asked for. */
  private void redirect() throws IOException {
    var redirect = Connect4Redirect.open();
    undo.push(redirect::close);
    for (var address : Way.ALL_VIRTUAL) {
      for (int port : Way.PORTS) {
        redirect.put(
            VirtualAddress.parse(address + ":" + port), Server.parse(Way.SERVER + ":" + port));
      }
    }
    redirect.attach(cgroup("connects"));
  }

  private void proxy(NetworkNamespace namespace) throws IOException {
    var configuration = workshop.folder().resolve("haproxy.cfg");
    var text = new StringBuilder(HAPROXY);
    for (int port : Way.PORTS) {
      text.append("listen port-%d\n  bind %s:%d\n".formatted(port, Way.LOCAL, port));
      text.append("  server server %s:%d\n".formatted(Way.SERVER, port));
    }
    Files.writeString(configuration, text);
    // In the foreground, so that it is this process's child.
    var command = List.of(Command.path("haproxy"), "-db", "-f", configuration.toString());
    var process = exec(namespace, "proxy", command);
    undo.push(() -> end(process));
  }

  private static void end(Process process) {
    boolean endedByItself = !process.isAlive();
    process.destroyForcibly().onExit().join();
    try (var _ = process.getOutputStream();
        var _ = process.getInputStream();
        var errors = process.getErrorStream()) {
      if (endedByItself) {
        throw new IllegalStateException(
            "HAProxy has ended: " + new String(errors.readAllBytes(), StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes the rules of a way; what file. */
  static Path rules(Way way, Path folder) throws IOException {
    var lines = new ArrayList<>(List.of("*nat"));
    for (var address : way.rules()) {
      lines.add(
          "-A OUTPUT -d %s -p tcp -j DNAT --to-destination %s".formatted(address, Way.SERVER));
    }
    lines.add("COMMIT");
    return Files.write(folder.resolve(way.key + ".rules"), lines);
  }

  /**
   * Runs a command in a namespace to its end.
   *
   * @throws IOException if it fails
   */
  static void run(NetworkNamespace namespace, String name, String... arguments) throws IOException {
    var command = new ArrayList<>(List.of(Command.path(name)));
    command.addAll(List.of(arguments));
    var result = namespace.call(() -> run(command));
    if (!result.succeeded()) {
      throw new IOException(String.join(" ", command) + ": " + result.output());
    }
  }

  private static Command.Result run(List<String> command) throws IOException {
    try {
      return Command.run(command, Map.of());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted in " + String.join(" ", command), e);
    }
  }

  @Override
  public Peer.Ready peer() {
    return peer;
  }

  @Override
  public Answer run(Case measured, int operations) {
    return way.has(measured) ? client.run(measured, operations) : NOTHING;
  }

  @Override
  public Answer latency(Case measured, int operations) {
    return way.has(measured) ? client.latency(measured, operations) : NOTHING;
  }

  @Override
  public int warmUp(Case measured, int operations) {
    return Math.ceilDiv(operations, WARM_UP);
  }

  @Override
  public void close() {
    RuntimeException failed = null;
    while (!undo.isEmpty()) {
      try {
        undo.pop().run();
      } catch (RuntimeException e) {
        if (failed == null) {
          failed = e;
        } else {
          failed.addSuppressed(e);
        }
      }
    }
    if (failed != null) {
      throw failed;
    }
  }
}
