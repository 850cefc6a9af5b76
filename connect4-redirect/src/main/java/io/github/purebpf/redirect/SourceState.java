package io.github.purebpf.redirect;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What the process that follows a source of servers says of it, for those who look at the table.
 *
 * @param written when it said so, by its clock
 * @param source what it follows, in words; of more than 496 bytes of UTF-8 the rest is cut
 * @param heard when the source named servers last; empty if it has not done so yet
 * @param problem why the source is not believed now, and the servers of before are kept; empty if
 *     all is well. Of more than 1536 bytes the rest is cut
 */
public record SourceState(
    Instant written, String source, Optional<Instant> heard, Optional<String> problem) {
  /** Refuses nulls. */
  public SourceState {
    Objects.requireNonNull(written, "written");
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(heard, "heard");
    Objects.requireNonNull(problem, "problem");
  }
}
