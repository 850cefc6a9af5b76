package io.github.purebpf.benchmarks;

import java.util.List;
import java.util.OptionalDouble;

/** A figure of a run, in nanoseconds for one operation. */
enum Figure {
  /** Of all operations together. */
  MEAN("", OptionalDouble.empty()),
  /** What half of the single calls take at most. */
  P50(", p50", OptionalDouble.of(0.5)),
  /** What 99 of 100 single calls take at most. */
  P99(", p99", OptionalDouble.of(0.99));

  /** What is put behind the title of a case. */
  final String suffix;

  final OptionalDouble quantile;

  Figure(String suffix, OptionalDouble quantile) {
    this.suffix = suffix;
    this.quantile = quantile;
  }

  /** Those that the runs of a case have; the goals are for the first. */
  static List<Figure> of(Case measured) {
    return switch (measured.timing()) {
      case TOGETHER -> List.of(MEAN);
      case BOTH -> List.of(MEAN, P50, P99);
      case EACH -> List.of(P50, P99);
    };
  }
}
