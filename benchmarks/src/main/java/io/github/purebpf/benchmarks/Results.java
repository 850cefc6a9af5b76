package io.github.purebpf.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** All runs, and what follows from them. */
final class Results {
  private static final String LATENCY_HEADER = "round,case,peer,quantile,nanoseconds";

  /** Of one peer in one round. */
  record Latency(int round, String caseId, String peer, List<Long> nanos) {}

  private final List<Row> rows = new ArrayList<>();
  private final List<Latency> latencies = new ArrayList<>();

  /** Why a peer has no figure, by case and peer. */
  private final Map<String, String> absent = new LinkedHashMap<>();

  private final List<String> failures = new ArrayList<>();

  void add(Row row) {
    rows.add(row);
  }

  void add(Latency latency) {
    latencies.add(latency);
  }

  void absent(String caseId, String peer, String reason) {
    absent.putIfAbsent(caseId + " " + peer, reason);
  }

  void failed(String caseId, String peer, String words) {
    absent(caseId, peer, words);
    // One that has ended answers nothing any more.
    if (failures.stream().noneMatch(failure -> failure.startsWith(peer + " "))) {
      failures.add(peer + " failed in " + caseId + ": " + words);
    }
  }

  Optional<String> absence(String caseId, String peer) {
    return Optional.ofNullable(absent.get(caseId + " " + peer));
  }

  List<String> failures() {
    return failures;
  }

  List<Row> rows() {
    return rows;
  }

  private Stream<Row> rows(String caseId, String peer) {
    return rows.stream().filter(row -> row.caseId().equals(caseId) && row.peer().equals(peer));
  }

  /** Nanoseconds for each operation, by round. */
  Map<Integer, Double> byRound(String caseId, String peer, Figure figure) {
    var found = new TreeMap<Integer, Double>();
    if (figure.quantile.isEmpty()) {
      rows(caseId, peer).forEach(row -> found.put(row.round(), row.measured().nanosEach()));
    } else {
      int at = Quantiles.ALL.indexOf(figure.quantile.getAsDouble());
      latencies(caseId, peer).forEach(l -> found.put(l.round(), (double) l.nanos().get(at)));
    }
    return found;
  }

  /** Nanoseconds for each operation, of all rounds. */
  Optional<Spread> nanos(String caseId, String peer, Figure figure) {
    var found = values(byRound(caseId, peer, figure));
    return found.length == 0 ? Optional.empty() : Optional.of(Spread.of(found));
  }

  /** How many times as long purebpf takes as a peer, in the rounds that have both. */
  Optional<Spread> ratio(String caseId, String peer, Figure figure) {
    return ratio(byRound(caseId, Peer.OWN, figure), byRound(caseId, peer, figure));
  }

  /** How many times as long the first takes as the second, in the rounds that have both. */
  static Optional<Spread> ratio(Map<Integer, Double> first, Map<Integer, Double> second) {
    var ours = new TreeMap<>(first);
    var theirs = new TreeMap<>(second);
    ours.keySet().retainAll(theirs.keySet());
    theirs.keySet().retainAll(ours.keySet());
    return ours.isEmpty()
        ? Optional.empty()
        : Optional.of(Spread.ratio(values(ours), values(theirs)));
  }

  private static double[] values(Map<Integer, Double> byRound) {
    return byRound.values().stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Bytes that purebpf allocates for each operation. */
  Optional<Spread> allocated(String caseId) {
    var found =
        rows(caseId, Peer.OWN)
            .map(Row::measured)
            .filter(m -> m.allocated().isPresent())
            .mapToDouble(m -> (double) m.allocated().getAsLong() / m.operations())
            .toArray();
    return found.length == 0 ? Optional.empty() : Optional.of(Spread.of(found));
  }

  private Stream<Latency> latencies(String caseId, String peer) {
    return latencies.stream().filter(l -> l.caseId().equals(caseId) && l.peer().equals(peer));
  }

  /**
   * What single calls take, in nanoseconds: of each quantile the median of all rounds.
   *
   * @return as {@link Quantiles#ALL}, or empty
   */
  List<Double> latency(String caseId, String peer) {
    var found = latencies(caseId, peer).map(Latency::nanos).toList();
    if (found.isEmpty()) {
      return List.of();
    }
    var medians = new ArrayList<Double>();
    for (int i = 0; i < Quantiles.ALL.size(); i++) {
      int at = i;
      medians.add(Spread.of(found.stream().mapToDouble(n -> n.get(at)).toArray()).median());
    }
    return medians;
  }

  /** Cases in which peers came to different sums: they did not do the same. */
  List<String> disagreements() {
    var firsts = new LinkedHashMap<String, Row>();
    var found = new ArrayList<String>();
    for (var row : rows) {
      if (row.measured().sum().equals("-")) {
        continue;
      }
      var first =
          firsts.computeIfAbsent(row.caseId() + " " + row.measured().operations(), _ -> row);
      if (!first.measured().sum().equals(row.measured().sum())) {
        found.add(
            "%s: %s came to %s and %s to %s"
                .formatted(
                    row.caseId(),
                    first.peer(),
                    first.measured().sum(),
                    row.peer(),
                    row.measured().sum()));
      }
    }
    return found;
  }

  /** Writes {@code results.csv} and {@code latency.csv}. */
  void write(Path folder) throws IOException {
    Files.write(
        folder.resolve("results.csv"),
        Stream.concat(Stream.of(Row.HEADER), rows.stream().map(Row::line)).toList());
    var lines = new ArrayList<>(List.of(LATENCY_HEADER));
    for (var latency : latencies) {
      for (int i = 0; i < Quantiles.ALL.size(); i++) {
        lines.add(
            "%d,%s,%s,%s,%d"
                .formatted(
                    latency.round(),
                    latency.caseId(),
                    latency.peer(),
                    Quantiles.ALL.get(i),
                    latency.nanos().get(i)));
      }
    }
    Files.write(folder.resolve("latency.csv"), lines);
  }
}
