package io.github.purebpf.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What comes out of a run: tables, raw results, and plots. */
record Report(
    Mode mode, Environment environment, List<Peer> peers, List<Case> cases, Results results) {
  private static final String BEGIN = "<!-- measured: bin/bench full --write-docs -->";
  private static final String END = "<!-- end of measured -->";

  /** The section of the documentation, without its heading. */
  List<String> lines() throws IOException {
    var lines = new ArrayList<String>();
    lines.add("Measured on " + environment.day() + ":");
    lines.add("");
    environment.lines(mode, peers).forEach(line -> lines.add("- " + line));
    lines.add("");
    lines.addAll(new Table(results, peers, cases).lines());
    return lines;
  }

  /** Writes everything into a folder. */
  void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    results.write(folder);
    Files.write(folder.resolve("environment.txt"), environment.lines(mode, peers));
    Files.write(folder.resolve("table.md"), lines());
    for (var group : Case.Group.values()) {
      var bars = bars(group);
      if (!bars.isEmpty()) {
        Files.write(
            folder.resolve(plotOf(group)), SvgBars.draw(group.title + ", purebpf beside", bars));
      }
    }
    for (var measured : cases) {
      var curves = curves(measured.id());
      if (!curves.isEmpty()) {
        Files.write(
            folder.resolve(plotOf(measured)),
            SvgCdf.draw(measured.title() + ": the part of calls that take at most", curves));
      }
    }
  }

  /** Why the figures may not be used, one sentence each. */
  List<String> problems() {
    return Stream.concat(results.failures().stream(), results.disagreements().stream()).toList();
  }

  private static String plotOf(Case.Group group) {
    return group.name().toLowerCase(Locale.ROOT) + ".svg";
  }

  private static String plotOf(Case measured) {
    return "latency-" + measured.id() + ".svg";
  }

  private List<SvgBars.Bar> bars(Case.Group group) {
    var bars = new ArrayList<SvgBars.Bar>();
    for (var measured : cases) {
      for (int i = 1; i < peers.size() && measured.group() == group; i++) {
        for (var figure : Figure.of(measured)) {
          int kind = i;
          String label = measured.title() + figure.suffix + " / " + peers.get(i).title();
          results
              .ratio(measured.id(), peers.get(i).key(), figure)
              .ifPresent(ratio -> bars.add(new SvgBars.Bar(label, kind, ratio)));
        }
      }
    }
    return bars;
  }

  private List<SvgCdf.Curve> curves(String id) {
    return peers.stream()
        .map(peer -> new SvgCdf.Curve(peer.title(), results.latency(id, peer.key())))
        .filter(curve -> !curve.nanos().isEmpty())
        .toList();
  }

  /**
   * Puts the tables between the marks of a file of documentation, with the plots.
   *
   * @param plots the folder of the plots, as the file refers to it
   * @throws IOException if the marks are not there
   */
  void writeInto(Path documentation, String plots) throws IOException {
    String text = Files.readString(documentation);
    int begin = text.indexOf(BEGIN);
    int end = text.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IOException(documentation + " has no lines " + BEGIN + " and " + END);
    }
    var lines = new ArrayList<>(lines());
    for (var group : Case.Group.values()) {
      if (!bars(group).isEmpty()) {
        lines.add("![" + group.title + "](" + plots + "/" + plotOf(group) + ")");
      }
    }
    for (var measured : cases) {
      if (!curves(measured.id()).isEmpty()) {
        lines.add("![Latency of " + measured.title() + "](" + plots + "/" + plotOf(measured) + ")");
      }
    }
    Files.writeString(
        documentation,
        text.substring(0, begin + BEGIN.length())
            + "\n"
            + String.join("\n", lines)
            + "\n\n"
            + text.substring(end));
  }
}
