package io.github.purebpf.redirect.pace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RotaTest {
  private static final int MANY = 6_000;

  private static Rota<Integer> rota(int count, long seed) {
    return new Rota<>(IntStream.range(0, count).boxed().toList(), new Random(seed));
  }

  /** Wherever it was of use before. */
  @Property
  void eachHasATurnBeforeOneHasAnother(
      @ForAll @IntRange(min = 1, max = 7) int count,
      @ForAll List<Boolean> before,
      @ForAll long seed) {
    var rota = rota(count, seed);
    for (boolean serves : before) {
      if (serves) {
        rota.serves();
      } else {
        rota.next();
      }
    }
    rota.serves();
    var turns = new ArrayList<Integer>();
    for (int i = 1; i <= 3 * count; i++) {
      turns.add(rota.now());
      assertEquals(i % count == 0, rota.next(), "all have been tried");
    }
    for (int i = 0; i + count <= turns.size(); i++) {
      var round = turns.subList(i, i + count);
      assertEquals(count, new HashSet<>(round).size(), () -> turns + " has one twice");
    }
  }

  @Test
  void theFirstIsARandomOne() {
    var first = new TreeMap<Integer, Integer>();
    for (int seed = 0; seed < MANY; seed++) {
      first.merge(rota(3, seed).now(), 1, Integer::sum);
    }
    assertEven(3, first);
  }

  /** Also of those who came there because another failed. */
  @Test
  void whoFollowsIsARandomOther() {
    var second = new TreeMap<Integer, Integer>();
    int back = 0;
    for (int seed = 0; seed < MANY; seed++) {
      var rota = rota(4, seed);
      int first = rota.now();
      rota.next();
      rota.serves();
      second.merge(Math.floorMod(rota.now() - first, 4), 1, Integer::sum);
      rota.next();
      back += rota.now() == first ? 1 : 0;
    }
    assertEven(3, second);
    assertEquals(MANY / 3.0, back, MANY / 30.0, "the first is one of three others");
  }

  private static void assertEven(int count, Map<Integer, Integer> times) {
    assertEquals(count, times.size(), times::toString);
    int share = MANY / count;
    assertTrue(
        times.values().stream().allMatch(one -> Math.abs(one - share) < share / 10),
        times::toString);
  }
}
