package io.github.purebpf.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The results as tables of Markdown. */
final class Table {
  private static final double MEBIBYTE = 1 << 20;

  private final Results results;
  private final List<Peer> peers;
  private final List<Case> cases;

  Table(Results results, List<Peer> peers, List<Case> cases) {
    this.results = results;
    this.peers = peers;
    this.cases = cases;
  }

  /** All tables. */
  List<String> lines() {
    var lines = new ArrayList<String>();
    for (var group : Case.Group.values()) {
      var members = cases.stream().filter(c -> c.group() == group).toList();
      if (!members.isEmpty()) {
        lines.add("### " + group.title);
        lines.add("");
        lines.add("| for each | purebpf | beside | takes | ratio | says | goal |");
        lines.add("|---|---|---|---|---|---|---|");
        for (var member : members) {
          Figure.of(member).forEach(figure -> rows(member, figure, lines));
        }
        lines.add("");
      }
    }
    within(lines);
    lines.addAll(new ConnectTables(results, peers).lines());
    allocations(lines);
    return lines;
  }

  private void rows(Case measured, Figure figure, List<String> lines) {
    var own = results.nanos(measured.id(), Peer.OWN, figure);
    String first = "%s (%s)%s".formatted(measured.title(), measured.unit(), figure.suffix);
    String ours = own.map(spread -> amount(measured, spread)).orElse("—");
    String alone = alone(measured, figure, own);
    for (var peer : peers) {
      if (peer.key().equals(Peer.OWN)) {
        continue;
      }
      var theirs = results.nanos(measured.id(), peer.key(), figure);
      var ratio = results.ratio(measured.id(), peer.key(), figure);
      var goal = measured.goal(peer.key(), figure);
      if (theirs.isPresent() && ratio.isPresent()) {
        lines.add(
            row(
                first,
                ours,
                peer.title(),
                amount(measured, theirs.get()),
                ratio(ratio.get()),
                isTime(measured)
                    ? ratio.get().claim("faster", "slower")
                    : ratio.get().claim("less", "more"),
                goals(
                    alone,
                    goal.map(g -> "≤ %s: %s".formatted(exact(g), ratio.get().verdict(g)))
                        .orElse(""))));
      } else if (goal.isPresent()) {
        String reason =
            peer instanceof Peer.Missing missing
                ? missing.remedy()
                : results.absence(measured.id(), peer.key()).orElse("no figure");
        String open = "≤ " + exact(goal.get()) + ": open";
        lines.add(row(first, ours, peer.title(), reason, "", "", goals(alone, open)));
      } else {
        continue;
      }
      first = "";
      ours = "";
      alone = "";
    }
    if (!first.isEmpty() && (own.isPresent() || !alone.isEmpty())) {
      lines.add(row(first, ours, "", "", "", "", alone));
    }
  }

  /** Whether purebpf keeps to its limit, if there is one. */
  private static String alone(Case measured, Figure figure, Optional<Spread> own) {
    var limit = measured.limit(figure);
    return limit.isEmpty()
        ? ""
        : "≤ %s: %s"
            .formatted(
                limit(measured, limit.getAsDouble()),
                own.map(spread -> spread.verdict(limit.getAsDouble())).orElse("open"));
  }

  private static String goals(String alone, String beside) {
    return alone + (alone.isEmpty() || beside.isEmpty() ? "" : "; ") + beside;
  }

  private static String limit(Case measured, double limit) {
    return measured.group() == Case.Group.MEMORY
        ? number(limit / MEBIBYTE) + " MiB"
        : String.format(Locale.ROOT, "%.0f µs", limit / 1e3);
  }

  private void within(List<String> lines) {
    var found = new ArrayList<String>();
    for (var pair : Pair.ALL) {
      Results.ratio(
              results.byRound(pair.one(), Peer.OWN, Figure.MEAN),
              results.byRound(pair.other(), Peer.OWN, Figure.MEAN))
          .ifPresent(
              ratio ->
                  found.add(
                      row(
                          pair.title(),
                          ratio(ratio),
                          "≤ %s: %s".formatted(exact(pair.goal()), ratio.verdict(pair.goal())))));
    }
    if (!found.isEmpty()) {
      lines.add("### Cases of purebpf beside each other");
      lines.add("");
      lines.add("| | ratio | goal |");
      lines.add("|---|---|---|");
      lines.addAll(found);
      lines.add("");
    }
  }

  private void allocations(List<String> lines) {
    var found = new ArrayList<String>();
    for (var measured : cases) {
      results
          .allocated(measured.id())
          .ifPresent(
              bytes ->
                  found.add(
                      row(
                          "%s (%s)".formatted(measured.title(), measured.unit()),
                          bytes(bytes.least()),
                          bytes(bytes.median()),
                          bytes(bytes.most()))));
    }
    if (!found.isEmpty()) {
      lines.add("### Bytes that purebpf allocates on the Java heap");
      lines.add("");
      lines.add("| for each | least | median | most |");
      lines.add("|---|---|---|---|");
      lines.addAll(found);
      lines.add("");
    }
  }

  /** A row that begins with a title. */
  static String row(String first, Stream<String> others) {
    return Stream.concat(Stream.of(first), others).collect(Collectors.joining(" | ", "| ", " |"));
  }

  private static String row(String... cells) {
    return "| " + String.join(" | ", cells) + " |";
  }

  private static boolean isTime(Case measured) {
    return switch (measured.group()) {
      case MEMORY, THREADS -> false;
      case MAPS, CODE, RINGS, LOADING, HOOK, STARTS, CONTROLLERS, CONNECTS, CONNECTIONS -> true;
    };
  }

  private static String amount(Case measured, Spread spread) {
    return switch (measured.group()) {
      case MEMORY -> mebibytes(spread);
      case THREADS ->
          String.format(
              Locale.ROOT, "%.0f (%.0f–%.0f)", spread.median(), spread.least(), spread.most());
      case MAPS, CODE, RINGS, LOADING, HOOK, STARTS, CONTROLLERS, CONNECTS, CONNECTIONS ->
          duration(spread);
    };
  }

  private static String mebibytes(Spread bytes) {
    return "%s MiB (%s–%s)"
        .formatted(
            number(bytes.median() / MEBIBYTE),
            number(bytes.least() / MEBIBYTE),
            number(bytes.most() / MEBIBYTE));
  }

  private static String duration(Spread nanos) {
    double unit = nanos.median() < 10_000 ? 1 : 1000;
    return "%s %s (%s–%s)"
        .formatted(
            number(nanos.median() / unit),
            unit == 1 ? "ns" : "µs",
            number(nanos.least() / unit),
            number(nanos.most() / unit));
  }

  private static String ratio(Spread ratio) {
    return "%s (%s–%s)".formatted(exact(ratio.median()), exact(ratio.low()), exact(ratio.high()));
  }

  private static String bytes(double count) {
    return count == Math.rint(count) ? String.format(Locale.ROOT, "%.0f", count) : number(count);
  }

  /** A ratio, so that 1 is not what is not. */
  private static String exact(double ratio) {
    return ratio >= 0.1 && ratio < 10 ? String.format(Locale.ROOT, "%.3f", ratio) : number(ratio);
  }

  /** Three digits that mean something. */
  static String number(double number) {
    if (number >= 100) {
      return String.format(Locale.ROOT, "%.0f", number);
    }
    if (number >= 10) {
      return String.format(Locale.ROOT, "%.1f", number);
    }
    return String.format(Locale.ROOT, number >= 0.1 ? "%.2f" : "%.4f", number);
  }
}
