package io.github.purebpf.redirect.controller;

import io.github.purebpf.redirect.AddressRange;
import java.time.Duration;
import java.util.Objects;

/**
 * How containers get addresses of their own, see {@link Controller#lease}.
 *
 * @param range where the addresses are from; those that are in the table by other means are left
 *     out
 * @param keep how long a container that is gone keeps its own, so that one that is made again in
 *     its place gets the same, and nobody else gets one that somebody still dials
 */
public record ContainerAddresses(AddressRange range, Duration keep) {
  /** How long if nobody says: a minute. */
  public static final Duration KEEP = Duration.ofMinutes(1);

  /** Refuses a negative time. */
  public ContainerAddresses {
    Objects.requireNonNull(range, "range");
    if (keep.isNegative()) {
      throw new IllegalArgumentException("a time of " + keep + " is before the start");
    }
  }
}
