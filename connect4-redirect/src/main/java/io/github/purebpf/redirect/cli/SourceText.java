package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.SourceState;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/** What a controller has said of its source, for people and as JSON. */
final class SourceText {
  private SourceText() {}

  static String of(SourceState state) {
    return "%s, as of %s: %s; servers were named last %s"
        .formatted(
            state.source(),
            second(state.written()),
            state.problem().orElse("all is well"),
            state.heard().map(SourceText::second).orElse("never"))
        .replaceAll("\\p{Cntrl}", "?");
  }

  static Map<String, Object> json(SourceState state) {
    return ServiceJson.ordered(
        "source", state.source(),
        "written", second(state.written()),
        "heard", state.heard().map(SourceText::second).orElse(null),
        "problem", state.problem().orElse(null));
  }

  /** As RFC 3339 writes it, in UTC. */
  private static String second(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
