package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.TableSnapshot;
import java.time.Duration;
import java.util.List;

/**
 * A table at a time.
 *
 * @param events the last ones, a line for each
 */
record Snapshot(TableSnapshot state, List<String> events) {
  Snapshot {
    events = List.copyOf(events);
  }

  /** The seconds since another one. */
  double secondsSince(Snapshot before) {
    return Duration.between(before.state.at(), state.at()).toNanos() / 1e9;
  }
}
