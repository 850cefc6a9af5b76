package io.github.purebpf.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** The figures of connects as rates, and as what comes on top of none, as tables of Markdown. */
final class ConnectTables {
  private static final double SECOND = 1e9;
  private static final double MICROSECOND = 1e3;

  private final Results results;
  private final List<Peer> peers;

  ConnectTables(Results results, List<Peer> peers) {
    this.results = results;
    this.peers = peers.stream().filter(peer -> Way.of(peer).isPresent()).toList();
  }

  /** All that there are figures for. */
  List<String> lines() {
    var lines = new ArrayList<String>();
    var rates = new ArrayList<String>();
    row("connects per second, eight at once", peer -> rate("connect-many", peer), rates);
    row("MiB per CPU-second", peer -> rate("stream", peer), rates);
    table("Rates: median, least and most", rates, lines);
    var added = new ArrayList<String>();
    row("connect", peer -> added("connect", peer), added);
    row("connect and first byte", peer -> added("connect-byte", peer), added);
    row("round trip of a byte", peer -> added("round-trip", peer), added);
    table("On top of direct, p50 in microseconds: median and interval", added, lines);
    return lines;
  }

  private void table(String title, List<String> rows, List<String> lines) {
    if (rows.isEmpty()) {
      return;
    }
    lines.add("### " + title);
    lines.add("");
    lines.add(Table.row("", peers.stream().map(Peer::title)));
    lines.add("|---".repeat(peers.size() + 1) + "|");
    lines.addAll(rows);
    lines.add("");
  }

  private void row(String title, Function<Peer, Optional<String>> cell, List<String> rows) {
    var cells = peers.stream().map(cell).toList();
    if (cells.stream().anyMatch(Optional::isPresent)) {
      rows.add(Table.row(title, cells.stream().map(text -> text.orElse("—"))));
    }
  }

  private Optional<String> rate(String caseId, Peer peer) {
    var nanos = results.byRound(caseId, peer.key(), Figure.MEAN).values();
    if (nanos.isEmpty()) {
      return Optional.empty();
    }
    var rates = Spread.of(nanos.stream().mapToDouble(each -> SECOND / each).toArray());
    return Optional.of(
        "%s (%s–%s)"
            .formatted(
                Table.number(rates.median()),
                Table.number(rates.least()),
                Table.number(rates.most())));
  }

  private Optional<String> added(String caseId, Peer peer) {
    var direct = results.byRound(caseId, Way.DIRECT.key, Figure.P50);
    var differences =
        results.byRound(caseId, peer.key(), Figure.P50).entrySet().stream()
            .filter(figure -> direct.containsKey(figure.getKey()))
            .mapToDouble(figure -> (figure.getValue() - direct.get(figure.getKey())) / MICROSECOND)
            .toArray();
    if (differences.length == 0 || peer.key().equals(Way.DIRECT.key)) {
      return Optional.empty();
    }
    var spread = Spread.of(differences);
    return Optional.of(
        String.format(
            Locale.ROOT, "%+.1f (%+.1f to %+.1f)", spread.median(), spread.low(), spread.high()));
  }
}
