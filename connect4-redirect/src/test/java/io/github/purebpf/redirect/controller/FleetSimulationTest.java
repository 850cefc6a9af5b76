package io.github.purebpf.redirect.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.controller.ControllerOptions.Evening;
import io.github.purebpf.redirect.controller.Fleet.Sidecars;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What each host decides for itself, put together; and where that is not enough. */
class FleetSimulationTest {
  private static final Sidecars SOME = new Sidecars(1, 10);

  private static Fleet fleet(int hosts, Sidecars each, int servers, long seed) {
    var fleet = new Fleet(hosts, each, servers, 1, new Random(seed));
    fleet.start();
    return fleet;
  }

  private static void assertEvenOnEachHost(Fleet fleet, int hosts, int... servers) {
    for (int i = 0; i < hosts; i++) {
      int host = i;
      var loads = Arrays.stream(servers).map(s -> fleet.load(host, s)).summaryStatistics();
      assertTrue(loads.getMax() - loads.getMin() <= 1, () -> "host " + host + ": " + loads);
    }
  }

  @Property(tries = 30)
  void eachHostIsEvenFromTheStartAndBehindADeath(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int hosts) {
    var fleet = fleet(hosts, SOME, 3, seed);
    assertEvenOnEachHost(fleet, hosts, 0, 1, 2);
    int proxies = fleet.connected();
    var outage = fleet.die(1);
    assertEquals(proxies, fleet.connected(), "all are back");
    assertEvenOnEachHost(fleet, hosts, 0, 2);
    assertTrue(outage.longest() < 60, outage::toString);
    assertTrue(outage.mean() <= outage.longest(), outage::toString);
  }

  @Property(tries = 10)
  void aThousandHostsAreWithinTheCapOfConsul(@ForAll long seed) {
    var fleet = fleet(1_000, SOME, 3, seed);
    assertTrue(!fleet.spread().isOverCap(), () -> fleet.spread().toString());
    fleet.die(0);
    assertTrue(!fleet.spread().isOverCap(), () -> fleet.spread().toString());
  }

  /** Few connections of a host differ by one at most, which is no reason to cut one off. */
  @Property(tries = 10)
  void aServerThatJoinsGetsLessThanItsShare(@ForAll long seed) {
    var fleet = fleet(300, SOME, 3, seed);
    int proxies = fleet.connected();
    int moved = fleet.join(3);
    assertEquals(proxies, fleet.connected());
    assertEquals(moved, fleet.spread().newest(), "what is moved goes there");
    double joined = fleet.spread().joined();
    assertTrue(joined > 0 && joined < 0.5, () -> joined + " of a share");
    for (int i = 0; i < 300; i++) {
      int host = i;
      int[] loads = IntStream.range(0, 4).map(s -> fleet.load(host, s)).toArray();
      int most = Arrays.stream(loads).max().orElseThrow();
      double share = Arrays.stream(loads).sum() / 4.0;
      assertTrue(
          !new Unevenness(most - share, share).isMoreThan(Evening.DEFAULT.slack()),
          () -> "host " + host + ": " + Arrays.toString(loads));
    }
  }

  @Property(tries = 10)
  void manySidecarsOnAHostGiveAServerThatJoinsItsShare(@ForAll long seed) {
    var fleet = fleet(50, new Sidecars(40, 60), 3, seed);
    fleet.join(3);
    assertEvenOnEachHost(fleet, 50, 0, 1, 2, 3);
    assertTrue(!fleet.spread().isOverCap(), () -> fleet.spread().toString());
  }

  @Property(tries = 10)
  void theCapOfConsulMovesTheRest(@ForAll long seed) {
    var fleet = fleet(300, SOME, 3, seed);
    int proxies = fleet.connected();
    fleet.join(3);
    var before = fleet.spread();
    var capped = fleet.cap();
    var after = fleet.spread();
    assertTrue(before.isOverCap() && !after.isOverCap(), () -> before + " " + after);
    assertTrue(after.joined() > before.joined(), after::toString);
    assertEquals(proxies - capped.stuck(), fleet.connected());
  }

  @Property(tries = 10)
  void anAddressForEachKeepsStreamsFromBeingRefusedForEver(@ForAll long seed) {
    var shared = fleet(300, SOME, 3, seed);
    shared.join(3);
    assertTrue(shared.cap().stuck() > 0);
    var leased = new LeasedFleet(10, SOME, 3, 1, new Random(seed));
    leased.join(3);
    assertEquals(0, leased.cap().stuck());
    assertTrue(!leased.spread().isOverCap(), () -> leased.spread().toString());
  }

  @Property(tries = 10)
  void anAddressForEachGivesAServerThatJoinsItsShare(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 5) int most) {
    var fleet = new LeasedFleet(2_000, new Sidecars(1, most), 3, 1, new Random(seed));
    int moved = fleet.join(3);
    assertEquals(moved, fleet.spread().newest(), "what is moved goes there");
    assertEquals(1, fleet.spread().joined(), 0.15);
    assertTrue(!fleet.spread().isOverCap(), () -> fleet.spread().toString());
  }

  @Test
  void eachControllerHasOneQueryAtConsul() {
    int hosts = 3_000;
    var watchers = new Watchers(hosts, 3, new Random(1));
    assertEquals(hosts, Arrays.stream(watchers.held()).sum());
    var start = watchers.start(0, 7_200);
    assertEquals(2 * hosts, start.most(0, 1), "one is answered, and one waits");
    assertEquals(0, start.most(1, 300));
    assertEquals(hosts / 309.4, start.mean(3_600, 7_200), 0.5);
  }

  @Test
  void theWatchersOfADeadServerSpreadOverTheOthers() {
    int hosts = 3_000;
    var watchers = new Watchers(hosts, 3, new Random(1));
    int[] before = watchers.held();
    var death = watchers.die(10, 12);
    int[] after = watchers.held();
    assertEquals(0, after[0]);
    for (int other = 1; other < 3; other++) {
      int came = after[other] - before[other];
      assertEquals(before[0] / 2.0, came, before[0] / 10.0, "half of them");
      int most = death.get(other).most(0, 10);
      assertTrue(most < 2 * came, () -> "not all at once: " + most);
      assertEquals(after[other], death.get(other).most(10, 11), "each is told, and asks again");
      assertEquals(0, death.get(other).most(11, 12));
    }
    assertEquals(0, death.get(0).most(0, 12));
  }

  @Test
  void whoFindsNoConsulAsksEverLess() {
    var gone = new Watchers(1_000, 3, new Random(1)).allGone(900);
    assertTrue(gone.most(0, 900) <= 1_000);
    assertTrue(gone.mean(300, 900) < 1_000 / 10.0, () -> gone.mean(300, 900) + " a second");
    assertTrue(gone.mean(300, 900) > 1_000 / 30.0, () -> gone.mean(300, 900) + " a second");
  }
}
