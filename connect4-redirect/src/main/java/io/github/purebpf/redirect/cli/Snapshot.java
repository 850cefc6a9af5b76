package io.github.purebpf.redirect.cli;

import java.time.Duration;
import java.time.Instant;

/** A table at a time. */
record Snapshot(Instant time, TableState state) {
  /** The seconds since another one. */
  double secondsSince(Snapshot before) {
    return Duration.between(before.time, time).toNanos() / 1e9;
  }
}
