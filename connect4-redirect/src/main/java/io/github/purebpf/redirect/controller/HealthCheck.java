package io.github.purebpf.redirect.controller;

import java.time.Duration;

/**
 * How servers are checked.
 *
 * @param interval between two TCP connects to a server from this host; the redirected connects of
 *     programs are looked at every second, too
 * @param timeout how long such a connect may take
 * @param fall how many in a row must fail until a server is unhealthy, checks and redirected
 *     connects each on their own; at least 1
 * @param rise how many checks in a row must succeed until it is healthy again; at least 1
 * @param eject how long a server is left alone to which redirected connects fail, before the next
 *     ones try it; each time in a row doubles that, up to ten times as long
 */
public record HealthCheck(Duration interval, Duration timeout, int fall, int rise, Duration eject) {
  /** Every five seconds, two seconds, three, two, and half a minute. */
  public static final HealthCheck DEFAULT =
      new HealthCheck(Duration.ofSeconds(5), Duration.ofSeconds(2), 3, 2, Duration.ofSeconds(30));

  /** Refuses what is not above zero. */
  public HealthCheck {
    for (var duration : new Duration[] {interval, timeout, eject}) {
      if (!duration.isPositive()) {
        throw new IllegalArgumentException("a time of " + duration + " is not above zero");
      }
    }
    if (fall < 1 || rise < 1) {
      throw new IllegalArgumentException(
          "fall %d and rise %d must be at least 1".formatted(fall, rise));
    }
  }
}
