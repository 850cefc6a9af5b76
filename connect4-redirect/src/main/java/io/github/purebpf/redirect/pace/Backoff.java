package io.github.purebpf.redirect.pace;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The pauses between attempts that fail: each time about twice as long, up to a longest, and by
 * chance up to half shorter, so that many who fail together do not come back together.
 */
public final class Backoff {
  private final long first;
  private final long longest;
  private final RandomGenerator random;

  /**
   * @param first no pause is shorter
   * @param longest no pause is longer
   */
  public Backoff(Duration first, Duration longest, RandomGenerator random) {
    this.first = first.toNanos();
    this.longest = longest.toNanos();
    this.random = random;
  }

  /** The shortest pause, in nanoseconds. */
  public long first() {
    return first;
  }

  /**
   * A pause, in nanoseconds.
   *
   * @param failures how many attempts in a row have failed, from 1
   */
  public long after(int failures) {
    long full = first;
    for (int i = 0; i < failures && full < longest; i++) {
      full *= 2;
    }
    full = Math.min(full, longest);
    return Math.max(first, full - (long) (random.nextDouble() * full / 2));
  }
}
