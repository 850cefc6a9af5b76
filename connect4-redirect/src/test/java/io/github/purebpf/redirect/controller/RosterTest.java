package io.github.purebpf.redirect.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.Ipv4;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.WeightedServer;
import io.github.purebpf.redirect.source.Finding;
import io.github.purebpf.redirect.source.Finding.Doubt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

class RosterTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final Patience PATIENCE = Patience.DEFAULT;

  private final Roster roster = new Roster(PATIENCE, List.of(), 0);

  @Test
  void isEmptyUntilTheSourceHasNamedServers() {
    assertEquals(List.of(), roster.decide(0));
    roster.found(new Finding.Failed("nobody there"), 0);
    assertEquals(List.of(), roster.decide(0));
    assertFalse(roster.answered());
    assertEquals(Optional.of("nobody there"), roster.problem());
  }

  @Test
  void beginsWithWhatItRemembers() {
    var again = new Roster(PATIENCE, servers(1, 2), 0);
    assertEquals(List.of(1, 2), used(again, 0));
    again.found(answer(2, 3), SECOND);
    assertEquals(List.of(1, 2, 3), used(again, SECOND));
    assertEquals(List.of(2, 3), used(again, 11 * SECOND));
  }

  @Test
  void aServerThatIsNotNamedStaysForAWhile() {
    roster.found(answer(1, 2), 0);
    roster.found(answer(2), SECOND);
    assertEquals(Standing.HELD, standing(1, SECOND));
    assertEquals(Optional.of(11 * SECOND), roster.next(SECOND));
    assertEquals(Standing.HELD, standing(1, 11 * SECOND - 1));
    assertEquals(List.of(2), used(roster, 11 * SECOND));
    assertEquals(Optional.empty(), roster.next(11 * SECOND));
  }

  @Test
  void timeTakesNoServerAwayWhileTheSourceCannotBeBelieved() {
    roster.found(answer(1, 2), 0);
    roster.found(answer(2), SECOND);
    roster.found(new Finding.Failed("gone"), 2 * SECOND);
    assertEquals(List.of(1, 2), used(roster, 1000 * SECOND));
    assertEquals(Optional.empty(), roster.next(1000 * SECOND));
    roster.found(answer(2), 1001 * SECOND);
    assertEquals(List.of(2), used(roster, 1001 * SECOND));
  }

  @Test
  void whatComesBackIsHeldTwiceAsLongTheNextTime() {
    roster.found(answer(1, 2), 0);
    roster.found(answer(2), SECOND);
    roster.found(answer(1, 2), 2 * SECOND);
    roster.found(answer(2), 3 * SECOND);
    assertEquals(Standing.HELD, standing(1, 22 * SECOND));
    assertEquals(List.of(2), used(roster, 23 * SECOND));
    roster.found(answer(1, 2), 24 * SECOND);
    roster.found(answer(2), 25 * SECOND);
    assertEquals(Duration.ofSeconds(40), roster.hold(server(1), 25 * SECOND));
  }

  @Test
  void holdHasALimitAndIsForgottenWhenItIsCalm() {
    long now = 0;
    for (int i = 0; i < 20; i++) {
      roster.found(answer(1, 2), now++);
      roster.found(answer(2), now++);
    }
    assertEquals(PATIENCE.mostHold(), roster.hold(server(1), now));
    assertEquals(PATIENCE.hold(), roster.hold(server(1), now + PATIENCE.calm().toNanos() + 1));
  }

  @Test
  void doubtsAreSaid() {
    roster.found(answer(1), 0);
    roster.found(new Finding.Servers(servers(2), Set.of(Doubt.FILTERED, Doubt.STALE)), SECOND);
    assertEquals(List.of(1, 2), used(roster, 1000 * SECOND));
    assertEquals(
        Optional.of(
            "the source tells only what its token may see, the source tells what it knew before it"
                + " lost its leader; servers are added and none is taken away"),
        roster.problem());
    roster.found(answer(1, 2), 1001 * SECOND);
    assertEquals(Optional.empty(), roster.problem());
  }

  @Test
  void whatCannotBeUsedIsSaid() {
    var six = "n6 has the IPv6 address fd00::6 only";
    roster.found(new Finding.Servers(servers(1), Set.of(), List.of(six)), 0);
    assertEquals(Optional.of("some servers cannot be used: " + six), roster.problem());
    roster.found(new Finding.Servers(servers(2), Set.of(), List.of(six)), SECOND);
    assertEquals(List.of(2), used(roster, 11 * SECOND), "the answer is believed all the same");
  }

  @Test
  void unhealthyServersAreLeftOutAsLongAsEnoughAreHealthy() {
    roster.found(answer(1, 2, 3, 4), 0);
    roster.check(Set.of(server(1), server(2)));
    assertEquals(List.of(3, 4), used(roster, 0));
    assertEquals(Standing.UNHEALTHY, standing(1, 0));
    roster.check(Set.of(server(1), server(2), server(3)));
    assertEquals(List.of(1, 2, 3, 4), used(roster, 0));
    assertEquals(Standing.PANIC, standing(1, 0));
    assertEquals(Standing.ACTIVE, standing(4, 0));
  }

  @Test
  void checksThatAllFailNeverEmptyTheSet() {
    var brave =
        new Roster(
            new Patience(PATIENCE.hold(), PATIENCE.mostHold(), PATIENCE.calm(), 0),
            servers(1, 2),
            0);
    brave.check(Set.of(server(1), server(2)));
    assertEquals(List.of(1, 2), used(brave, 0));
    brave.check(Set.of(server(1)));
    assertEquals(List.of(2), used(brave, 0));
  }

  @Test
  void noMoreAreUsedThanAnAddressCanHave() {
    var many = IntStream.rangeClosed(1, 70).toArray();
    roster.found(answer(many), 0);
    assertEquals(Service.MOST_SERVERS, used(roster, 0).size());
    assertEquals(
        Optional.of("the source names 70 servers; the first 64 are used"), roster.problem());
  }

  /** Something that happens to a roster. */
  sealed interface Step {
    record Found(Finding finding) implements Step {}

    record Checked(Set<Server> down) implements Step {}

    record Waited(long nanos) implements Step {}
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    var numbers = Arbitraries.integers().between(1, 6);
    var sets = numbers.set().ofMaxSize(6);
    Arbitrary<Step> found =
        Combinators.combine(sets, Arbitraries.of(Doubt.values()).set().ofMaxSize(1))
            .as(
                (set, doubts) ->
                    new Step.Found(
                        new Finding.Servers(
                            set.stream().map(n -> new WeightedServer(server(n))).toList(),
                            doubts)));
    Arbitrary<Step> failed = Arbitraries.just(new Step.Found(new Finding.Failed("broken")));
    Arbitrary<Step> checked =
        sets.map(
            set -> new Step.Checked(new HashSet<>(set.stream().map(RosterTest::server).toList())));
    Arbitrary<Step> waited = Arbitraries.longs().between(0, 400 * SECOND).map(Step.Waited::new);
    return Arbitraries.frequencyOf(
            Tuple.of(4, found), Tuple.of(1, failed), Tuple.of(1, checked), Tuple.of(2, waited))
        .list()
        .ofMaxSize(60);
  }

  @Property
  void failsStatic(@ForAll("steps") List<Step> steps) {
    var tested = new Roster(PATIENCE, List.of(), 0);
    long now = 0;
    var known = new HashSet<Server>();
    Set<Server> trusted = Set.of();
    boolean believed = false;
    for (var step : steps) {
      var before = all(tested, now);
      switch (step) {
        case Step.Waited(long nanos) -> now += nanos;
        case Step.Checked(var down) -> tested.check(down);
        case Step.Found(var finding) -> {
          tested.found(finding, now);
          believed =
              finding instanceof Finding.Servers(var servers, var doubts, var _)
                  && !servers.isEmpty()
                  && doubts.isEmpty();
          if (finding instanceof Finding.Servers(var servers, var _, var _)) {
            servers.forEach(server -> known.add(server.server()));
            if (believed) {
              trusted = Set.copyOf(servers.stream().map(WeightedServer::server).toList());
            }
          }
        }
      }
      var after = all(tested, now);
      // Never a server that nobody has named, never empty again, and always some in use.
      assertTrue(known.containsAll(after));
      assertTrue(before.isEmpty() || !after.isEmpty());
      assertEquals(after.isEmpty(), used(tested, now).isEmpty());
      // What the source said last and can be believed is there.
      assertTrue(after.containsAll(trusted), () -> "a server is missing");
      if (!believed) {
        assertTrue(after.containsAll(before), () -> "taken away without a reason");
      }
      // And there is always a time when it settles.
      long later = now;
      tested.next(now).ifPresent(due -> assertTrue(due > later));
    }
  }

  private static Set<Server> all(Roster roster, long now) {
    return Set.copyOf(roster.decide(now).stream().map(entry -> entry.server().server()).toList());
  }

  private Standing standing(int number, long now) {
    return roster.decide(now).stream()
        .filter(entry -> entry.server().server().equals(server(number)))
        .map(Roster.Entry::standing)
        .findFirst()
        .orElseThrow();
  }

  private static List<Integer> used(Roster roster, long now) {
    var numbers = new ArrayList<Integer>();
    for (var entry : roster.decide(now)) {
      if (entry.isUsed()) {
        numbers.add(entry.server().server().port());
      }
    }
    numbers.sort(null);
    return numbers;
  }

  private static Finding answer(int... numbers) {
    return new Finding.Servers(servers(numbers), Set.of());
  }

  private static List<WeightedServer> servers(int... numbers) {
    return IntStream.of(numbers).mapToObj(n -> new WeightedServer(server(n))).toList();
  }

  private static Server server(int number) {
    return new Server(Ipv4.parse("10.0.0.1"), number);
  }
}
