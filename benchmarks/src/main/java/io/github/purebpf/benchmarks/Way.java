package io.github.purebpf.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** What is between a client and its server, besides the network. */
enum Way {
  /** The redirect is attached to the client's cgroup. */
  PUREBPF(Peer.OWN, "purebpf", 'A', Way.VIRTUAL),
  /** Nothing: the client knows the server's address. */
  DIRECT("direct", "direct", 'B', Way.SERVER),
  /** A rule in the client's network namespace. */
  DNAT("dnat-1", "iptables DNAT, 1 rule", 'C', Way.VIRTUAL),
  /** As many rules as the redirect has addresses; the one in their middle is the client's. */
  DNAT_MANY("dnat-1000", "iptables DNAT, 1,000 rules", 'D', Way.VIRTUAL),
  /** A proxy in the client's network namespace. */
  HAPROXY("haproxy", "HAProxy, TCP mode", 'E', Way.LOCAL);

  /** The client's address. */
  static final String CLIENT = "10.77.0.1";

  /** The server's address. */
  static final String SERVER = "10.77.0.2";

  /** Where HAProxy listens. */
  static final String LOCAL = "127.77.0.1";

  /** What is redirected: nobody has this address. */
  static final String VIRTUAL = "10.78.2.1";

  /** The addresses that are redirected, {@link #VIRTUAL} in the middle. */
  static final List<String> ALL_VIRTUAL =
      IntStream.range(0, 1000).mapToObj(i -> "10.78." + i / 250 + "." + (1 + i % 250)).toList();

  /** What the server does at which port, as in {@code ports.h}. */
  static final List<Integer> PORTS = List.of(7001, 7002, 7003);

  final String key;
  final String title;

  /** The first byte that the server says to the clients that come this way. */
  final char greeting;

  /** Where the client connects to. */
  final String target;

  Way(String key, String title, char greeting, String target) {
    this.key = key;
    this.title = title;
    this.greeting = greeting;
    this.target = target;
  }

  /** That of a peer, if it is one of connects. */
  static Optional<Way> of(Peer peer) {
    return Arrays.stream(values()).filter(way -> way.key.equals(peer.key())).findFirst();
  }

  /** The addresses that a rule of iptables is for. */
  List<String> rules() {
    return switch (this) {
      case DNAT -> List.of(VIRTUAL);
      case DNAT_MANY -> ALL_VIRTUAL;
      case PUREBPF, DIRECT, HAPROXY -> List.of();
    };
  }

  /** Whether a case is measured on this way. */
  boolean has(Case measured) {
    return switch (this) {
      case PUREBPF, DIRECT -> true;
      case DNAT, HAPROXY -> !measured.id().equals(Connects.MISS);
      // Only the first packet of a connection meets the rules.
      case DNAT_MANY ->
          measured.group() == Case.Group.CONNECTS && !measured.id().equals(Connects.MISS);
    };
  }
}
