package io.github.purebpf.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Something that peers do side by side.
 *
 * @param id what peers are asked by
 * @param group the table that it stands in
 * @param title what it is
 * @param unit what one operation is
 * @param operations in one run of {@code full}
 * @param goals how many times as long as a peer, by the key of the peer, it may take at most
 */
record Case(
    String id, Group group, String title, String unit, int operations, Map<String, Double> goals) {
  /** What stands in one table and in one plot. */
  enum Group {
    MAPS("Maps of 65,536 entries"),
    CODE("Programs"),
    RINGS("Ring buffers"),
    LOADING("Loading and attaching");

    final String title;

    Group(String title) {
      this.title = title;
    }
  }

  private static final int ENTRIES = 1 << 16;
  private static final Map<String, Double> ONE_ELEMENT = Map.of("raw", 1.05, "cilium", 0.8);
  private static final Map<String, Double> BATCH = Map.of("raw", 1.2);

  /** At least 0.9 times as many records in the same time. */
  private static final Map<String, Double> RING = Map.of("libbpf", 1 / 0.9);

  /** All, in the order of the tables. */
  static final List<Case> ALL =
      List.of(
          map("hash-put", "hash: put", 100_000, ONE_ELEMENT),
          map("hash-get", "hash: get", 100_000, ONE_ELEMENT),
          map("hash-delete", "hash: delete", ENTRIES, Map.of()),
          map("hash-iterate", "hash: iterate", ENTRIES, Map.of()),
          map("hash-batch-put", "hash: put of a batch", 4 * ENTRIES, BATCH),
          map("hash-batch-get", "hash: get of a batch", 4 * ENTRIES, BATCH),
          map("array-put", "array: put", 100_000, ONE_ELEMENT),
          map("array-get", "array: get", 100_000, ONE_ELEMENT),
          map("array-iterate", "array: iterate", ENTRIES, Map.of()),
          map("array-batch-put", "array: put of a batch", 4 * ENTRIES, BATCH),
          map("array-batch-get", "array: get of a batch", 4 * ENTRIES, BATCH),
          map("percpu-put", "per-CPU array: put", 100_000, ONE_ELEMENT),
          map("percpu-get", "per-CPU array: get", 100_000, ONE_ELEMENT),
          map("percpu-iterate", "per-CPU array: iterate", ENTRIES, Map.of()),
          map("percpu-batch-put", "per-CPU array: put of a batch", 4 * ENTRIES, BATCH),
          map("percpu-batch-get", "per-CPU array: get of a batch", 4 * ENTRIES, BATCH),
          code("build-connect4", "build and encode connect4", 100_000, Map.of("cilium", 0.7)),
          code(
              "build-connect4-lines",
              "build and encode connect4 with source lines",
              20_000,
              Map.of("cilium", 1.2)),
          code("build-4096", "build and encode 4,096 instructions", 400, Map.of("cilium", 0.7)),
          code("decode-connect4", "decode connect4", 100_000, Map.of()),
          code("decode-4096", "decode 4,096 instructions", 400, Map.of()),
          code("print-connect4", "print connect4", 20_000, Map.of()),
          code("print-4096", "print 4,096 instructions", 60, Map.of()),
          code("parse-connect4", "parse connect4", 20_000, Map.of("llvm-mc", 0.5)),
          code("parse-4096", "parse 4,096 instructions", 60, Map.of("llvm-mc", 0.5)),
          ring("drain-16", "drain a full ring, records of 16 bytes", 400 * Programs.FILLED),
          ring("drain-256", "drain a full ring, records of 256 bytes", 400 * Programs.FILLED),
          ring("live-16-1", "one producer, records of 16 bytes", 1_000_000),
          ring("live-16-2", "two producers, records of 16 bytes", 1_000_000),
          ring("live-256-1", "one producer, records of 256 bytes", 1_000_000),
          ring("live-256-2", "two producers, records of 256 bytes", 1_000_000),
          new Case(
              "load-attach",
              Group.LOADING,
              "load connect4, attach it to a cgroup, and undo both",
              "program",
              100,
              Map.of()));

  /** Of which single calls are timed, too, and how many. */
  static final List<String> LATENCIES = List.of("hash-put", "hash-get");

  static final int LATENCY_CALLS = 50_000;

  private static Case map(String id, String title, int operations, Map<String, Double> goals) {
    return new Case(id, Group.MAPS, title, "element", operations, goals);
  }

  private static Case code(String id, String title, int operations, Map<String, Double> goals) {
    return new Case(id, Group.CODE, title, "program", operations, goals);
  }

  private static Case ring(String id, String title, int operations) {
    return new Case(id, Group.RINGS, title, "record", operations, RING);
  }

  /** The one with an id. */
  static Case of(String id) {
    return ALL.stream().filter(c -> c.id.equals(id)).findFirst().orElseThrow();
  }

  /** How many times as long as the peer it may take. */
  Optional<Double> goal(String peer) {
    return Optional.ofNullable(goals.get(peer));
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
