package io.github.purebpf.benchmarks;

import java.util.Arrays;

/**
 * Where numbers lie.
 *
 * @param low the lower end of the interval in which the true median is with a confidence of 95 %
 * @param high its upper end
 */
record Spread(double least, double low, double median, double high, double most) {
  private static final double DOUBT = 0.05;

  /**
   * Of numbers in any order, at least one.
   *
   * <p>The interval is that of the sign test: it goes from the k-th of the sorted numbers to the
   * k-th from above, with the largest k for which the median is outside with a probability of at
   * most 5 %, whatever the distribution. With fewer than six numbers there is no such k, and it is
   * all of them.
   */
  static Spread of(double... numbers) {
    var sorted = numbers.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    int outside = outside(n);
    double median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    return new Spread(sorted[0], sorted[outside], median, sorted[n - 1 - outside], sorted[n - 1]);
  }

  /** How many numbers of each end are outside of the interval. */
  static int outside(int n) {
    int outside = 0;
    double term = Math.pow(0.5, n);
    double below = term;
    // below: the probability that at most so many of n numbers are under the median.
    while (2 * (below + next(term, n, outside)) <= DOUBT) {
      term = next(term, n, outside);
      below += term;
      outside++;
    }
    return outside;
  }

  private static double next(double term, int n, int k) {
    return term * (n - k) / (k + 1);
  }

  /**
   * How many times as long one takes as another: the ratio of each round, in which both were
   * measured one after the other.
   *
   * @param ours by round
   * @param theirs of the same rounds
   */
  static Spread ratio(double[] ours, double[] theirs) {
    if (ours.length != theirs.length) {
      throw new IllegalArgumentException(
          ours.length + " rounds beside " + theirs.length + "; they belong together");
    }
    var ratios = new double[ours.length];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = ours[i] / theirs[i];
    }
    return of(ratios);
  }

  /**
   * What may be claimed of a ratio: only what the whole interval says.
   *
   * @param below what it is to have less, such as faster
   * @param above what it is to have more
   */
  String claim(String below, String above) {
    if (high < 1) {
      return below;
    }
    return low > 1 ? above : "no difference shown";
  }

  /** Whether a ratio is at most so much: only what the whole interval says. */
  String verdict(double atMost) {
    if (high <= atMost) {
      return "met";
    }
    return low > atMost ? "missed" : "open";
  }
}
