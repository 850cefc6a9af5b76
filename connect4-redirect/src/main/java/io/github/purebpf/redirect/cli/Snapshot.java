package io.github.purebpf.redirect.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A table at a time.
 *
 * @param events the last ones, a line for each
 */
record Snapshot(Instant time, TableState state, List<String> events) {
  Snapshot {
    events = List.copyOf(events);
  }

  /** The seconds since another one. */
  double secondsSince(Snapshot before) {
    return Duration.between(before.time, time).toNanos() / 1e9;
  }
}
