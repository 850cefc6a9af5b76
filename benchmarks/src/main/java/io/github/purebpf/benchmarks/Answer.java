package io.github.purebpf.benchmarks;

import java.util.List;

/** What a contender says when it is asked for a case. */
sealed interface Answer {
  /** Measured. */
  record Measured(Measurement measurement) implements Answer {}

  /** The durations of single calls in nanoseconds, as {@link Quantiles#ALL}. */
  record Latencies(List<Long> nanos) implements Answer {}

  /** It does not have this case. */
  record Nothing(String reason) implements Answer {}

  /** It failed. */
  record Failed(String words) implements Answer {}
}
