package io.github.purebpf.redirect;

import io.github.purebpf.redirect.dataplane.Score;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;

/**
 * How one connect to a virtual address would find its server, told without making it, from the
 * figures as they are now.
 *
 * @param service the virtual address and its servers
 * @param candidates its servers, in their order; none if connects are answered by {@link
 *     Service#noServer}
 */
public record Choice(Service service, List<Candidate> candidates) {
  /** Copies the list. */
  public Choice {
    Objects.requireNonNull(service, "service");
    candidates = List.copyOf(candidates);
  }

  /**
   * A server that may be taken.
   *
   * @param server the server
   * @param weight its weight
   * @param load its connections, open ones and those being made
   * @param share how likely it is to be taken, from 0 to 1. Where servers take turns, how many of
   *     the connects it gets
   */
  public record Candidate(Server server, int weight, long load, double share) {}

  /**
   * Tells it.
   *
   * @param traffic the figures of the virtual address
   * @param cgroup the id of the cgroup of the thread that connects, if it is known; {@link
   *     Policy#STICKY_CONTAINER} goes by it
   */
  public static Choice of(ServiceTraffic traffic, OptionalLong cgroup) {
    var service = traffic.service();
    var weights = service.servers();
    var shares =
        switch (service.policy()) {
          case SINGLE -> smallest(weights, server -> weights.indexOf(server));
          case WEIGHTED, ROUND_ROBIN -> byWeight(weights);
          case STICKY_SOCKET -> equal(weights.size());
          case STICKY_CONTAINER ->
              cgroup.isEmpty()
                  ? equal(weights.size())
                  : smallest(
                      weights,
                      server -> Score.ofClient(cgroup.getAsLong(), Images.word(server.server())));
          case LEAST_CONNECTIONS ->
              fromARandomOneOn(
                  weights.stream()
                      .map(server -> Score.ofLoad(load(traffic, server.server()), server.weight()))
                      .toList());
        };
    var candidates = new ArrayList<Candidate>();
    for (int i = 0; i < weights.size(); i++) {
      var server = weights.get(i).server();
      candidates.add(
          new Candidate(server, weights.get(i).weight(), load(traffic, server), shares.get(i)));
    }
    return new Choice(service, candidates);
  }

  private static long load(ServiceTraffic traffic, Server server) {
    return traffic.servers().stream()
        .filter(figures -> figures.server().equals(server))
        .mapToLong(figures -> figures.open() + figures.connecting())
        .sum();
  }

  private static List<Double> equal(int count) {
    return Collections.nCopies(count, 1.0 / count);
  }

  private static List<Double> byWeight(List<WeightedServer> servers) {
    double sum = servers.stream().mapToInt(WeightedServer::weight).sum();
    return servers.stream().map(server -> server.weight() / sum).toList();
  }

  /** All to the first of those with the smallest score. */
  private static List<Double> smallest(
      List<WeightedServer> servers, ToLongFunction<WeightedServer> score) {
    long least = servers.stream().mapToLong(score).min().orElse(0);
    var shares = new ArrayList<Double>();
    boolean taken = false;
    for (var server : servers) {
      boolean takes = !taken && score.applyAsLong(server) == least;
      shares.add(takes ? 1.0 : 0.0);
      taken |= takes;
    }
    return shares;
  }

  /**
   * The first of those with the smallest score, looked for from a random server on: one that comes
   * behind many others with a larger score is found more often.
   */
  private static List<Double> fromARandomOneOn(List<Long> scores) {
    long least = scores.stream().mapToLong(Long::longValue).min().orElse(0);
    var shares = new ArrayList<Double>();
    for (int i = 0; i < scores.size(); i++) {
      int ways = 0;
      if (scores.get(i) == least) {
        do {
          ways++;
        } while (ways < scores.size()
            && scores.get(Math.floorMod(i - ways, scores.size())) != least);
      }
      shares.add((double) ways / scores.size());
    }
    return shares;
  }

  /** The server that is taken, if that is certain. */
  public Optional<Server> certain() {
    return candidates.stream()
        .filter(candidate -> candidate.share() == 1)
        .map(Candidate::server)
        .findFirst();
  }
}
