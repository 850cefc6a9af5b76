package io.github.purebpf.redirect.pace;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The pauses between attempts: each failure in a row makes them twice as long, up to a longest, and
 * by chance they are up to half shorter, so that many who begin or fail together do not stay
 * together.
 */
public final class Backoff {
  private final long first;
  private final long longest;
  private final RandomGenerator random;

  /**
   * @param first the pause while nothing fails; none is shorter than half of it
   * @param longest no pause is longer; if it is shorter than the first, it does not count
   */
  public Backoff(Duration first, Duration longest, RandomGenerator random) {
    if (!first.isPositive()) {
      throw new IllegalArgumentException("an interval of " + first + " is not above zero");
    }
    this.first = first.toNanos();
    this.longest = Math.max(this.first, longest.toNanos());
    this.random = random;
  }

  /**
   * A pause, in nanoseconds.
   *
   * @param failures how many attempts in a row have failed
   */
  public long after(int failures) {
    long full = first;
    for (int i = 0; i < failures && full < longest; i++) {
      full = full > longest / 2 ? longest : 2 * full;
    }
    return full - (long) (random.nextDouble() * full / 2);
  }
}
