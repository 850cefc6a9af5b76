package io.github.purebpf.benchmarks;

import io.github.purebpf.bpf.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The redirect beside what else brings a client to a server. */
final class Connects implements Contest {
  /** The case of a connect to what is in no table. */
  static final String MISS = "connect-miss";

  /** Faster than all that do the same. */
  private static final Map<String, Double> AHEAD =
      Map.of(Way.DNAT.key, 1.0, Way.DNAT_MANY.key, 1.0, Way.HAPROXY.key, 1.0);

  private static final Map<String, Double> NEAR_DIRECT = Map.of(Way.DIRECT.key, 1.1);

  private static final List<Case> CASES =
      List.of(
          connect("connect", "connect", 6_000, NEAR_DIRECT),
          connect(MISS, "connect to an address that is in no table", 6_000, Map.of()),
          connect("connect-byte", "connect and first byte", 6_000, AHEAD),
          new Case(
              "connect-many",
              Case.Group.CONNECTS,
              "connect and first byte, eight at once",
              "connect",
              Case.Timing.TOGETHER,
              8_000,
              Map.of()),
          new Case(
              "stream",
              Case.Group.CONNECTIONS,
              "CPU time of the machine to send and to receive",
              "MiB",
              Case.Timing.TOGETHER,
              1_024,
              Map.of()),
          new Case(
              "round-trip",
              Case.Group.CONNECTIONS,
              "round trip of a byte",
              "round trip",
              Case.Timing.EACH,
              6_000,
              Map.of()));

  private static Case connect(String id, String title, int operations, Map<String, Double> goals) {
    return new Case(id, Case.Group.CONNECTS, title, "connect", Case.Timing.EACH, operations, goals);
  }

  @Override
  public List<Case> cases() {
    return CASES;
  }

  @Override
  public List<Peer> prepare(Workshop workshop) throws IOException, InterruptedException {
    var problem = compile(workshop);
    var peers = new ArrayList<Peer>();
    for (var way : Way.values()) {
      peers.add(
          problem.isPresent()
              ? new Peer.Missing(way.key, way.title, problem.get())
              : prepare(way, workshop));
    }
    return peers;
  }

  /** Compiles what all ways have in common; why that cannot be. */
  private static Optional<String> compile(Workshop workshop)
      throws IOException, InterruptedException {
    if (Command.find("cc").isEmpty() || Command.find("ip").isEmpty()) {
      return Optional.of(Workshop.install("gcc libc6-dev iproute2"));
    }
    for (var program : List.of("connects", "server")) {
      var problem =
          workshop.compile(workshop.cc(program, "c/" + program + ".c", "-pthread"), Map.of());
      if (problem.isPresent()) {
        return problem;
      }
    }
    return Optional.empty();
  }

  private static Peer prepare(Way way, Workshop workshop) throws IOException, InterruptedException {
    return switch (way) {
      case PUREBPF -> ready(way, "this checkout");
      case DIRECT -> ready(way, "a veth pair");
      case DNAT, DNAT_MANY -> dnat(way, workshop);
      case HAPROXY -> haproxy(way);
    };
  }

  private static Peer ready(Way way, String version) {
    return new Peer.Ready(way.key, way.title, version, List.of(), List.of());
  }

  private static Peer dnat(Way way, Workshop workshop) throws IOException, InterruptedException {
    var iptables = Command.find("iptables");
    if (iptables.isEmpty()) {
      return Workshop.missing(way.key, way.title, "iptables");
    }
    // It may be installed and the kernel without what it needs.
    try (var namespace = NetworkNamespace.create()) {
      var rules = ConnectBed.rules(way, workshop.folder());
      ConnectBed.run(namespace, "iptables-restore", rules.toString());
    } catch (IOException e) {
      return new Peer.Missing(way.key, way.title, e.getMessage());
    }
    return ready(way, firstLine(iptables.get(), "--version"));
  }

  private static Peer haproxy(Way way) throws IOException, InterruptedException {
    var haproxy = Command.find("haproxy");
    return haproxy.isEmpty()
        ? Workshop.missing(way.key, way.title, "haproxy")
        : ready(way, firstLine(haproxy.get(), "-v"));
  }

  private static String firstLine(Path command, String option)
      throws IOException, InterruptedException {
    return Command.run(List.of(command.toString(), option), Map.of())
        .output()
        .lines()
        .findFirst()
        .orElse("of an unknown version");
  }

  @Override
  public Stage open(Workshop workshop, List<Peer.Ready> peers) throws IOException {
    return ConnectStage.open(workshop, peers);
  }
}
