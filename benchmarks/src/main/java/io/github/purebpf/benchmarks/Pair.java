package io.github.purebpf.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Two cases of purebpf that are compared.
 *
 * @param goal how many times as long as the other the one may take
 */
record Pair(String title, String one, String other, double goal) {
  private static final double BATCH = 1.0 / 30;

  /** What is the same but for what the cache holds. */
  private static final double FLAT = 1.05;

  /** All, in the order of the table. */
  static final List<Pair> ALL =
      Stream.concat(
              Map.of("hash", "hash", "array", "array", "percpu", "per-CPU array")
                  .entrySet()
                  .stream()
                  .sorted(Map.Entry.comparingByKey())
                  .flatMap(kind -> batches(kind.getKey(), kind.getValue())),
              Stream.of(HookBed.Way.SINGLE, HookBed.Way.LEAST, HookBed.Way.MISS).map(Pair::flat))
          .toList();

  private static Stream<Pair> batches(String kind, String title) {
    return Stream.of("put", "get")
        .map(
            verb ->
                new Pair(
                    title + ", an element: " + verb + " of a batch of 65,536 beside a single one",
                    kind + "-batch-" + verb,
                    kind + "-" + verb,
                    BATCH));
  }

  private static Pair flat(HookBed.Way way) {
    return new Pair(
        Hooks.title(way) + ", a run: 60,000 addresses beside one",
        Hooks.id(way, 60_000),
        Hooks.id(way, 1),
        FLAT);
  }
}
