package io.github.purebpf.benchmarks;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Something that peers do side by side.
 *
 * @param id what peers are asked by
 * @param group the table that it stands in
 * @param title what it is
 * @param unit what one operation is
 * @param operations in one run of {@code full}
 * @param goals how many times as long as a peer, by the key of the peer, it may take at most: all
 *     operations together, or the p50 where each is timed on its own
 * @param limit what purebpf may take at most whatever its peers take, in nanoseconds for each
 *     operation, or in bytes where that is measured
 */
record Case(
    String id,
    Group group,
    String title,
    String unit,
    Timing timing,
    int operations,
    Map<String, Double> goals,
    OptionalDouble limit) {
  /** One whose goals are all beside a peer. */
  Case(
      String id,
      Group group,
      String title,
      String unit,
      Timing timing,
      int operations,
      Map<String, Double> goals) {
    this(id, group, title, unit, timing, operations, goals, OptionalDouble.empty());
  }

  /** What stands in one table and in one plot. */
  enum Group {
    MAPS("Maps of 65,536 entries"),
    CODE("Programs"),
    RINGS("Ring buffers"),
    LOADING("Loading and attaching"),
    HOOK("The hook of a connect, by the run statistics of the kernel"),
    STARTS("Cold starts"),
    CONTROLLERS("Controllers with one virtual address"),
    MEMORY("Memory of controllers with one virtual address"),
    THREADS("Threads of controllers with one virtual address"),
    CONNECTS("Connects from one network namespace to another"),
    CONNECTIONS("Open connections from one network namespace to another");

    final String title;

    Group(String title) {
      this.title = title;
    }
  }

  /** What is timed. */
  enum Timing {
    /** Many operations together. */
    TOGETHER,
    /** Many together, and then half as many one by one. */
    BOTH,
    /** Each on its own. */
    EACH
  }

  /** How many times as long as the peer it may take. */
  Optional<Double> goal(String peer, Figure figure) {
    return figure == Figure.of(this).getFirst()
        ? Optional.ofNullable(goals.get(peer))
        : Optional.empty();
  }

  /** What it may take at most, by itself. */
  OptionalDouble limit(Figure figure) {
    return figure == Figure.of(this).getFirst() ? limit : OptionalDouble.empty();
  }

  /** How many are timed one by one in a run of {@code full}. */
  int singleCalls() {
    return timing == Timing.BOTH ? operations / 2 : operations;
  }

  /** The threads that must write into a ring while this runs: 0 for most. */
  int producers() {
    var parts = id.split("-", -1);
    return parts[0].equals("live") ? Integer.parseInt(parts[2]) : 0;
  }

  /** The length of the records, of a ring. */
  int recordLength() {
    return Integer.parseInt(id.split("-", -1)[1]);
  }
}
