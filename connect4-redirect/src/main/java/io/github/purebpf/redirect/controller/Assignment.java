package io.github.purebpf.redirect.controller;

import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.WeightedServer;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Which server each address has that belongs to one container: one for each, so that all servers
 * have their shares. Least connections would not do that, as it looks at one address alone, and a
 * container has one connection. It has no clock and no thread.
 *
 * <p>A host with few containers cannot give each server its share, and all such hosts together must
 * not leave out the same ones. So ties are broken by chance; and a server that joins gets its share
 * rounded up or down by chance, so that of many hosts with one container each, some move theirs.
 */
final class Assignment {
  /** An address that changes its server. */
  record Move(VirtualAddress vip, Server from, Server to) {}

  private final RandomGenerator random;
  private final Map<VirtualAddress, Optional<Server>> servers = new LinkedHashMap<>();

  /** The servers of the last look, and how many addresses those shall have that joined with it. */
  private List<WeightedServer> seen = List.of();

  private Map<Server, Integer> goals = Map.of();

  /** The servers that did not keep the connections of an address, its own among them. */
  private final Map<VirtualAddress, Set<Server>> left = new HashMap<>();

  Assignment(RandomGenerator random) {
    this.random = random;
  }

  /**
   * Adds an address.
   *
   * @param before the server that it had, if it is known
   */
  void add(VirtualAddress vip, Optional<Server> before) {
    servers.putIfAbsent(vip, before);
    goals = Map.of();
  }

  void remove(VirtualAddress vip) {
    servers.remove(vip);
    left.remove(vip);
    goals = Map.of();
  }

  Collection<VirtualAddress> vips() {
    return List.copyOf(servers.keySet());
  }

  /** The server of each; none if there is none to have. */
  Map<VirtualAddress, Optional<Server>> servers() {
    return Map.copyOf(servers);
  }

  /** Gives those another server whose server is not among these; the last is kept if none is. */
  void settle(List<WeightedServer> used) {
    var counts = counts(used);
    servers.replaceAll(
        (_, old) -> {
          if (used.isEmpty() || old.filter(counts::containsKey).isPresent()) {
            return old;
          }
          var server = emptiest(used, counts).server();
          counts.merge(server, 1, Integer::sum);
          return Optional.of(server);
        });
  }

  /** Moves one address, if that makes the servers more even. Call {@link #settle} first. */
  Optional<Move> even(List<WeightedServer> used) {
    if (!used.equals(seen)) {
      goals = seen.isEmpty() ? Map.of() : goalsOfJoined(used);
      seen = List.copyOf(used);
    }
    var counts = counts(used);
    var others = used.stream().filter(server -> !goals.containsKey(server.server())).toList();
    return towardsGoals(others, counts).or(() -> towardsShares(others, counts));
  }

  /**
   * The shares of those that were not there: rounded so that on average they are what they were,
   * and so is their sum.
   */
  private Map<Server, Integer> goalsOfJoined(List<WeightedServer> used) {
    double sum = used.stream().mapToInt(WeightedServer::weight).sum();
    var known = seen.stream().map(WeightedServer::server).toList();
    var rounded = new HashMap<Server, Integer>();
    double upToHere = random.nextDouble();
    for (var server : used) {
      if (!known.contains(server.server())) {
        double next = upToHere + servers.size() * server.weight() / sum;
        rounded.put(server.server(), (int) next - (int) upToHere);
        upToHere = next;
      }
    }
    return rounded;
  }

  private Optional<Move> towardsGoals(List<WeightedServer> others, Map<Server, Integer> counts) {
    return goals.entrySet().stream()
        .filter(goal -> counts.getOrDefault(goal.getKey(), goal.getValue()) < goal.getValue())
        .findFirst()
        .flatMap(
            goal -> fullest(others, counts).flatMap(from -> move(from.server(), goal.getKey())));
  }

  /**
   * Gives an address another server, because its own does not keep its connections: Consul ends a
   * stream where there are too many, and refuses it when it comes back. Those that it has left are
   * left out until it has left all.
   */
  Optional<Move> leave(VirtualAddress vip, List<WeightedServer> used) {
    var from = servers.getOrDefault(vip, Optional.empty());
    if (from.isEmpty()) {
      return Optional.empty();
    }
    var without = left.computeIfAbsent(vip, _ -> new HashSet<>());
    without.add(from.get());
    if (used.stream().allMatch(server -> without.contains(server.server()))) {
      without.retainAll(Set.of(from.get()));
    }
    var others = used.stream().filter(server -> !without.contains(server.server())).toList();
    if (others.isEmpty()) {
      return Optional.empty();
    }
    goals = Map.of();
    var to = emptiest(others, counts(used)).server();
    servers.put(vip, Optional.of(to));
    return Optional.of(new Move(vip, from.get(), to));
  }

  /** Its server keeps its connections. */
  void stay(VirtualAddress vip) {
    left.remove(vip);
  }

  /** From the server that has the most for its weight to the one that has the fewest. */
  private Optional<Move> towardsShares(List<WeightedServer> used, Map<Server, Integer> counts) {
    if (used.isEmpty()) {
      return Optional.empty();
    }
    var to = emptiest(used, counts);
    return fullest(used, counts)
        .filter(from -> load(from, counts, 0) > load(to, counts, 1))
        .flatMap(from -> move(from.server(), to.server()));
  }

  private Optional<Move> move(Server from, Server to) {
    return servers.entrySet().stream()
        .filter(entry -> entry.getValue().equals(Optional.of(from)))
        .findFirst()
        .map(
            entry -> {
              entry.setValue(Optional.of(to));
              return new Move(entry.getKey(), from, to);
            });
  }

  /** How many addresses have each of the servers. */
  private Map<Server, Integer> counts(List<WeightedServer> used) {
    var counts = new HashMap<Server, Integer>();
    used.forEach(server -> counts.put(server.server(), 0));
    servers
        .values()
        .forEach(
            server -> server.ifPresent(s -> counts.computeIfPresent(s, (_, count) -> count + 1)));
    return counts;
  }

  /** One of those that would be the least loaded with one more. */
  private WeightedServer emptiest(List<WeightedServer> used, Map<Server, Integer> counts) {
    double least = used.stream().mapToDouble(server -> load(server, counts, 1)).min().orElseThrow();
    return any(used.stream().filter(server -> load(server, counts, 1) == least).toList());
  }

  /** One of those that are the most loaded; empty if none is loaded. */
  private Optional<WeightedServer> fullest(List<WeightedServer> used, Map<Server, Integer> counts) {
    double most = used.stream().mapToDouble(server -> load(server, counts, 0)).max().orElse(0);
    return most == 0
        ? Optional.empty()
        : Optional.of(
            any(used.stream().filter(server -> load(server, counts, 0) == most).toList()));
  }

  private WeightedServer any(List<WeightedServer> candidates) {
    return candidates.get(random.nextInt(candidates.size()));
  }

  /** How loaded a server is for its weight, with so many more. */
  private static double load(WeightedServer server, Map<Server, Integer> counts, int more) {
    return (counts.get(server.server()) + more) / (double) server.weight();
  }
}
