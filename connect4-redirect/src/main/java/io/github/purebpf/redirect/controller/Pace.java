package io.github.purebpf.redirect.controller;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait until the next look.
 *
 * @param interval when all is well
 * @param most after failures
 */
record Pace(Duration interval, Duration most) {
  private static final Duration MOST = Duration.ofMinutes(1);
  private static final double JITTER = 0.2;

  static Pace of(Duration interval) {
    return new Pace(interval, interval.compareTo(MOST) > 0 ? interval : MOST);
  }

  Pace {
    if (!interval.isPositive()) {
      throw new IllegalArgumentException("an interval of " + interval + " is not above zero");
    }
  }

  /**
   * The wait: the interval, doubled with each failure in a row, and up to a fifth less, so that
   * hosts that start together do not stay together.
   */
  Duration next(int failures, RandomGenerator random) {
    var wait = interval;
    for (int i = 0; i < failures && wait.compareTo(most) < 0; i++) {
      wait = wait.multipliedBy(2);
    }
    wait = wait.compareTo(most) < 0 ? wait : most;
    return Duration.ofNanos((long) (wait.toNanos() * (1 - random.nextDouble(JITTER))));
  }
}
