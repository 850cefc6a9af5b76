package io.github.purebpf.redirect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ChoiceTest {
  private static final VirtualAddress VIP = VirtualAddress.parse("10.0.0.1:80");
  private static final OptionalLong UNKNOWN = OptionalLong.empty();

  private static Server server(int number) {
    return Server.parse("10.1.2.3:" + (number + 1));
  }

  /** A service whose servers have these weights and loads. */
  private static ServiceTraffic traffic(Policy policy, List<Integer> weights, List<Integer> loads) {
    var service =
        Service.of(VIP)
            .withPolicy(policy)
            .withServers(
                IntStream.range(0, weights.size())
                    .mapToObj(i -> new WeightedServer(server(i), weights.get(i)))
                    .toList());
    var servers = new ArrayList<ServerTraffic>();
    for (int i = 0; i < weights.size(); i++) {
      int load = loads.get(i);
      servers.add(new ServerTraffic(server(i), true, load, load, 0, load % 2, load - load % 2));
    }
    return new ServiceTraffic(service, 0, 0, servers);
  }

  private static List<Double> shares(Choice choice) {
    return choice.candidates().stream().map(Choice.Candidate::share).toList();
  }

  private static List<Double> shares(Policy policy, List<Integer> weights, List<Integer> loads) {
    return shares(Choice.of(traffic(policy, weights, loads), UNKNOWN));
  }

  @Test
  void theServerWithTheSmallestLoadForItsWeightIsTaken() {
    assertEquals(
        List.of(0.0, 1.0, 0.0),
        shares(Policy.LEAST_CONNECTIONS, List.of(1, 4, 1), List.of(2, 7, 2)));
  }

  @Test
  void amongEqualsTheFirstFromARandomOneOnIsTaken() {
    assertEquals(
        List.of(0.25, 0.0, 0.5, 0.25),
        shares(Policy.LEAST_CONNECTIONS, List.of(1, 1, 1, 1), List.of(0, 9, 0, 0)));
    assertEquals(List.of(0.5, 0.5), shares(Policy.LEAST_CONNECTIONS, List.of(1, 1), List.of(3, 3)));
  }

  @Test
  void weightsAreShares() {
    for (var policy : List.of(Policy.WEIGHTED, Policy.ROUND_ROBIN)) {
      assertEquals(List.of(0.75, 0.25), shares(policy, List.of(3, 1), List.of(0, 9)));
    }
  }

  @Test
  void theFirstServerIsTheSingleOne() {
    var choice = Choice.of(traffic(Policy.SINGLE, List.of(1, 9), List.of(5, 0)), UNKNOWN);
    assertEquals(Optional.of(server(0)), choice.certain());
  }

  @Test
  void withoutAServerThereIsNoCandidate() {
    for (var policy : Policy.values()) {
      var choice = Choice.of(traffic(policy, List.of(), List.of()), OptionalLong.of(1));
      assertEquals(List.of(), choice.candidates());
      assertEquals(Optional.empty(), choice.certain());
    }
  }

  @Property
  void theSharesAreAWhole(
      @ForAll Policy policy,
      @ForAll @Size(min = 1, max = 64) List<@IntRange(min = 1, max = 65_535) Integer> weights,
      @ForAll @IntRange(max = 3) int spread,
      @ForAll boolean known) {
    var loads = IntStream.range(0, weights.size()).mapToObj(i -> i % (spread + 1)).toList();
    var choice =
        Choice.of(
            traffic(policy, weights, loads), known ? OptionalLong.of(weights.size()) : UNKNOWN);
    var shares = shares(choice);
    assertEquals(1, shares.stream().mapToDouble(Double::doubleValue).sum(), 1e-9);
    assertTrue(shares.stream().allMatch(share -> share >= 0), shares.toString());
  }

  @Property
  void aContainerStaysWhereItIsWhenAnotherServerGoes(
      @ForAll long cgroup, @ForAll @IntRange(min = 2, max = 64) int servers) {
    var weights = IntStream.range(0, servers).mapToObj(_ -> 1).toList();
    var before =
        Choice.of(traffic(Policy.STICKY_CONTAINER, weights, weights), OptionalLong.of(cgroup));
    var taken = before.certain().orElseThrow();
    var fewer = weights.subList(1, servers);
    var after = Choice.of(traffic(Policy.STICKY_CONTAINER, fewer, fewer), OptionalLong.of(cgroup));
    if (!taken.equals(server(servers - 1))) {
      assertEquals(taken, after.certain().orElseThrow());
    }
  }
}
