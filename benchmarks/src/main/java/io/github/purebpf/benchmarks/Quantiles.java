package io.github.purebpf.benchmarks;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Which parts of the calls the peers tell the durations of. */
final class Quantiles {
  /** 0.01 to 0.99, and the slowest few. */
  static final List<Double> ALL =
      Stream.concat(
              IntStream.range(1, 100).mapToObj(percent -> percent / 100.0),
              Stream.of(0.995, 0.999, 0.9995, 0.9999, 1.0))
          .toList();

  private Quantiles() {}

  /**
   * The least number that so many are not above.
   *
   * @param sorted not empty
   * @param quantile above 0, at most 1
   */
  static long of(long[] sorted, double quantile) {
    int at = (int) (quantile * sorted.length + 0.999999) - 1;
    return sorted[Math.clamp(at, 0, sorted.length - 1)];
  }
}
