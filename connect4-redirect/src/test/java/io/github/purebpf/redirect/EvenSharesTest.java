package io.github.purebpf.redirect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class EvenSharesTest {
  private static int[] ones(int count) {
    var weights = new int[count];
    Arrays.fill(weights, 1);
    return weights;
  }

  @Test
  void aThirdServerGetsAThird() {
    assertArrayEquals(new long[] {30, 30, 30}, EvenShares.of(new long[] {45, 45, 0}, ones(3), 90));
  }

  @Test
  void whatCannotBeDividedStaysWhereItIs() {
    assertArrayEquals(new long[] {3, 4, 3}, EvenShares.of(new long[] {2, 6, 2}, ones(3), 10));
    assertArrayEquals(new long[] {3, 3, 4}, EvenShares.of(new long[] {0, 0, 10}, ones(3), 10));
    assertArrayEquals(new long[] {0, 1, 0}, EvenShares.of(new long[] {0, 1, 0}, ones(3), 1));
  }

  @Test
  void twiceTheWeightIsTwiceTheShare() {
    assertArrayEquals(new long[] {20, 40}, EvenShares.of(new long[] {60, 0}, new int[] {1, 2}, 60));
  }

  @Test
  void nothingIsSharedEvenly() {
    assertArrayEquals(new long[] {0, 0}, EvenShares.of(new long[2], ones(2), 0));
  }

  @Test
  void manyConnectionsAndTheLargestWeightsDoNotOverflow() {
    int[] weights = {65_535, 1, 65_535};
    long[] shares = EvenShares.of(new long[3], weights, 1_000_000_000_000L);
    assertEquals(1_000_000_000_000L, LongStream.of(shares).sum());
    assertTrue(Math.abs(shares[0] - shares[2]) <= 1);
  }

  /** The programs place one after the other, with ties broken by chance. */
  @Property
  void theSharesAreWhatTheProgramsWouldMakeOfThem(
      @ForAll @Size(min = 1, max = 8) List<@IntRange(min = 1, max = 50) Integer> weightList,
      @ForAll @Size(min = 8, max = 8) List<@LongRange(max = 60) Long> loadList) {
    int[] weights = weightList.stream().mapToInt(Integer::intValue).toArray();
    long[] loads = loadList.stream().limit(weights.length).mapToLong(Long::longValue).toArray();
    long total = LongStream.of(loads).sum();
    long[] shares = EvenShares.of(loads, weights, total);
    assertEquals(total, LongStream.of(shares).sum());
    long[] placed = new long[weights.length];
    for (long n = 0; n < total; n++) {
      int best = 0;
      for (int i = 1; i < placed.length; i++) {
        if ((placed[i] + 1) * weights[best] < (placed[best] + 1) * weights[i]) {
          best = i;
        }
      }
      placed[best]++;
    }
    for (int i = 0; i < placed.length; i++) {
      for (int j = 0; j < placed.length; j++) {
        // No connection has a better place; with equal ones it may differ from what was placed.
        long kept = shares[i] * weights[j];
        long moved = (shares[j] + 1) * weights[i];
        assertTrue(kept <= moved, () -> Arrays.toString(shares));
      }
    }
    assertTrue(moves(loads, shares) <= moves(loads, placed), () -> Arrays.toString(shares));
    // What is even stays.
    assertArrayEquals(shares, EvenShares.of(shares, weights, total));
  }

  private static long moves(long[] loads, long[] shares) {
    long moves = 0;
    for (int i = 0; i < loads.length; i++) {
      moves += Math.max(0, loads[i] - shares[i]);
    }
    return moves;
  }
}
