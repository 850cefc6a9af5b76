package io.github.purebpf.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

final class SpreadTest {
  @Test
  void tellsLeastMedianAndMostOfNumbersInAnyOrder() {
    assertEquals(new Spread(1, 1, 3, 5, 5), Spread.of(5, 1, 4, 2, 3));
    assertEquals(2.5, Spread.of(4, 1, 3, 2).median());
    assertEquals(new Spread(7, 7, 7, 7, 7), Spread.of(7));
  }

  /** The ranks of the sign test as tables of statistics have them, for 95 %. */
  @Test
  void leavesOutAsManyOfEachEndAsTheSignTestAllows() {
    assertEquals(
        List.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4, 5),
        IntStream.rangeClosed(1, 20).mapToObj(Spread::outside).toList());
  }

  /** Counts all outcomes: each number is under the median or not, with the same probability. */
  @Property
  void isRightAtLeastNineteenTimesOfTwenty(@ForAll @IntRange(min = 6, max = 16) int n) {
    assertTrue(wrong(n, Spread.outside(n)) <= 0.05);
    assertTrue(wrong(n, Spread.outside(n) + 1) > 0.05);
  }

  /** The part of all outcomes in which the median is outside. */
  private static double wrong(int n, int outside) {
    return IntStream.range(0, 1 << n)
            .map(Integer::bitCount)
            .filter(below -> below <= outside || n - below <= outside)
            .count()
        / (double) (1 << n);
  }

  @Property
  void isInOrder(
      @ForAll @Size(min = 1, max = 30) List<@DoubleRange(min = 0, max = 1e9) Double> numbers) {
    var spread = Spread.of(numbers.stream().mapToDouble(Double::doubleValue).toArray());
    assertTrue(spread.least() <= spread.low());
    assertTrue(spread.low() <= spread.high());
    assertTrue(spread.high() <= spread.most());
  }

  @Test
  void comparesRoundByRound() {
    // Both grow with the noise of the machine; the ratio does not.
    var ratio = Spread.ratio(new double[] {10, 20, 90}, new double[] {5, 10, 45});
    assertEquals(new Spread(2, 2, 2, 2, 2), ratio);
    assertThrows(
        IllegalArgumentException.class, () -> Spread.ratio(new double[] {1, 2}, new double[] {1}));
  }

  @Property
  void claimsNothingOfAnIntervalWithOne(
      @ForAll @DoubleRange(min = 0.1, max = 1) double low,
      @ForAll @DoubleRange(min = 1, max = 10) double high) {
    assertEquals(
        "no difference shown", new Spread(low, low, 1, high, high).claim("faster", "slower"));
  }

  @Test
  void claimsWhatTheWholeIntervalSays() {
    assertEquals("faster", Spread.of(0.9, 0.8, 0.99).claim("faster", "slower"));
    assertEquals("slower", Spread.of(1.1, 1.01, 3).claim("faster", "slower"));
    assertEquals("no difference shown", Spread.of(0.5, 0.5, 1).claim("faster", "slower"));
  }

  @Test
  void judgesAGoalByTheWholeInterval() {
    assertEquals("met", Spread.of(0.7, 0.8, 0.75).verdict(0.8));
    assertEquals("missed", Spread.of(0.81, 0.9, 0.85).verdict(0.8));
    assertEquals("open", Spread.of(0.7, 0.9, 0.75).verdict(0.8));
  }
}
