package io.github.purebpf.redirect.controller;

import java.time.Duration;
import java.util.Objects;

/**
 * How far a controller believes what it hears.
 *
 * @param hold how long a server stays that the source does not name any more. Each time it comes
 *     back within {@code calm} doubles that for it
 * @param mostHold the longest that becomes
 * @param calm how long a server has to be there without a break until {@code hold} is for it what
 *     it was
 * @param quorum the part of the servers that must be healthy, 0 to 1; with fewer, health is taken
 *     for a mistake of the checks, and all servers are used
 */
public record Patience(Duration hold, Duration mostHold, Duration calm, double quorum) {
  /** Ten seconds, five minutes, ten minutes, and a half. */
  public static final Patience DEFAULT =
      new Patience(Duration.ofSeconds(10), Duration.ofMinutes(5), Duration.ofMinutes(10), 0.5);

  /** Refuses durations below zero or in the wrong order, and a quorum out of range. */
  public Patience {
    Objects.requireNonNull(calm, "calm");
    if (hold.isNegative() || mostHold.compareTo(hold) < 0 || calm.isNegative()) {
      throw new IllegalArgumentException(
          "hold %s, mostHold %s and calm %s must not be negative, and hold at most mostHold"
              .formatted(hold, mostHold, calm));
    }
    if (!(quorum >= 0 && quorum <= 1)) {
      throw new IllegalArgumentException("a quorum of " + quorum + " is not from 0 to 1");
    }
  }
}
