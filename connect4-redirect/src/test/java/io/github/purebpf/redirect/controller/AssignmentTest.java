package io.github.purebpf.redirect.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.Ipv4;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.WeightedServer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class AssignmentTest {
  private static VirtualAddress vip(int number) {
    return new VirtualAddress(Ipv4.parse("127.64.0.1"), 1 + number);
  }

  private static WeightedServer server(int number, int weight) {
    return new WeightedServer(new Server(Ipv4.parse("10.0.0.1"), 1 + number), weight);
  }

  private static List<WeightedServer> servers(int count) {
    return IntStream.range(0, count).mapToObj(i -> server(i, 1)).toList();
  }

  private static Map<Server, Integer> counts(Assignment assignment) {
    var counts = new HashMap<Server, Integer>();
    assignment.servers().values().forEach(s -> counts.merge(s.orElseThrow(), 1, Integer::sum));
    return counts;
  }

  /** How many were moved until nothing is to be moved any more. */
  private static int evenOut(Assignment assignment, List<WeightedServer> used) {
    int moves = 0;
    while (assignment.even(used).isPresent()) {
      moves++;
      assertTrue(moves <= assignment.vips().size(), "nobody is moved twice");
    }
    return moves;
  }

  private static Assignment of(int addresses, List<WeightedServer> used, long seed) {
    var assignment = new Assignment(new Random(seed));
    IntStream.range(0, addresses).forEach(i -> assignment.add(vip(i), Optional.empty()));
    assignment.settle(used);
    return assignment;
  }

  private static void assertEven(Assignment assignment, List<WeightedServer> used) {
    var counts = counts(assignment);
    double sum = used.stream().mapToInt(WeightedServer::weight).sum();
    for (var server : used) {
      double share = assignment.vips().size() * server.weight() / sum;
      int count = counts.getOrDefault(server.server(), 0);
      assertTrue(Math.abs(count - share) < 1 + 1e-9, server + " has " + count + " of " + share);
    }
  }

  @Property(tries = 300)
  void serversOfEqualWeightHaveTheirSharesWhoeverComesAndGoes(
      @ForAll @IntRange(max = 60) int addresses,
      @ForAll @Size(min = 1, max = 8) List<@IntRange(min = 1, max = 7) Integer> sizes,
      @ForAll long seed) {
    var assignment = of(addresses, servers(sizes.getFirst()), seed);
    for (int size : sizes) {
      var used = servers(size);
      assignment.settle(used);
      evenOut(assignment, used);
      assertEven(assignment, used);
    }
  }

  @Property(tries = 300)
  void weightsAreShares(
      @ForAll @IntRange(max = 60) int addresses,
      @ForAll @Size(min = 1, max = 6) List<@IntRange(min = 1, max = 9) Integer> weights,
      @ForAll long seed) {
    var used = IntStream.range(0, weights.size()).mapToObj(i -> server(i, weights.get(i))).toList();
    var assignment = of(addresses, used.subList(0, 1), seed);
    var _ = assignment.even(used.subList(0, 1));
    assignment.settle(used);
    evenOut(assignment, used);
    assertEven(assignment, used);
  }

  @Property(tries = 200)
  void nobodyMovesWhoseServerStaysWhenOneLeaves(
      @ForAll @IntRange(min = 1, max = 60) int addresses,
      @ForAll @IntRange(min = 2, max = 7) int size,
      @ForAll long seed) {
    var assignment = of(addresses, servers(size), seed);
    evenOut(assignment, servers(size));
    var before = assignment.servers();
    var rest = servers(size - 1);
    assignment.settle(rest);
    assertEquals(0, evenOut(assignment, rest));
    var after = assignment.servers();
    before.forEach(
        (vip, server) -> {
          if (!server.equals(Optional.of(server(size - 1, 1).server()))) {
            assertEquals(server, after.get(vip));
          }
        });
  }

  @Test
  void theLastServerIsKeptWhereThereIsNone() {
    var assignment = of(3, servers(1), 1);
    assignment.settle(List.of());
    assertEquals(Optional.empty(), assignment.even(List.of()));
    assertEquals(Map.of(server(0, 1).server(), 3), counts(assignment));
  }

  @Test
  void anAddressThatComesFromBeforeKeepsItsServer() {
    var used = servers(3);
    var assignment = new Assignment(new Random(1));
    assignment.add(vip(0), Optional.of(used.get(2).server()));
    assignment.settle(used);
    assertEquals(Optional.empty(), assignment.even(used));
    assertEquals(Map.of(used.get(2).server(), 1), counts(assignment));
  }

  @Property(tries = 200)
  void oneThatLeavesTriesAllOthersBeforeItComesBack(
      @ForAll @IntRange(min = 2, max = 7) int size, @ForAll long seed) {
    var used = servers(size);
    var assignment = of(1, used, seed);
    var tried = new HashSet<Optional<Server>>();
    for (int i = 0; i < size; i++) {
      assertTrue(tried.add(assignment.servers().get(vip(0))));
      assertTrue(assignment.leave(vip(0), used).isPresent());
      assertEquals(Optional.empty(), assignment.even(used), "it is not moved back");
    }
    assertEquals(Optional.empty(), of(1, servers(1), seed).leave(vip(0), servers(1)));
  }

  /** Hosts that do not know of each other, with one container each. */
  @Test
  void aServerThatJoinsGetsItsShareOfManySmallHosts() {
    var hosts = new ArrayList<Assignment>();
    var before = servers(3);
    for (int i = 0; i < 3000; i++) {
      var host = of(1, before, i);
      var _ = host.even(before);
      hosts.add(host);
    }
    assertShares(hosts, before);
    var after = servers(4);
    int moves = 0;
    for (var host : hosts) {
      host.settle(after);
      moves += evenOut(host, after);
    }
    assertShares(hosts, after);
    assertTrue(moves < 3000 / 2, moves + " moves");
  }

  /** Each within a tenth or so of its share: five standard deviations. */
  private static void assertShares(List<Assignment> hosts, List<WeightedServer> used) {
    var sums = new HashMap<Server, Integer>();
    hosts.forEach(host -> counts(host).forEach((s, count) -> sums.merge(s, count, Integer::sum)));
    double share = (double) hosts.size() / used.size();
    used.forEach(
        server ->
            assertEquals(
                share, sums.getOrDefault(server.server(), 0), 5 * Math.sqrt(share), sums + ""));
  }
}
