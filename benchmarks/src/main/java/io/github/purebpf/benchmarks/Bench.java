package io.github.purebpf.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The command: measures purebpf beside its peers. */
final class Bench {
  /** All, in the order in which they are measured. */
  static final List<Contest> CONTESTS =
      List.of(new Libraries(), new Hooks(), new Starts(), new Controllers(), new Connects());

  private static final String USAGE =
      "usage: bench quick|full|smoke [--only PREFIX,...] [--out FOLDER] [--write-docs]";

  private Mode mode;
  private String only = "";
  private Optional<Path> out = Optional.empty();
  private boolean writeDocs;

  private Bench() {}

  /** Ends with 1 if a peer failed, with 2 if the arguments are wrong. */
  public static void main(String[] args) throws IOException, InterruptedException {
    var bench = new Bench();
    try {
      bench.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println("bench: " + e.getMessage());
      System.exit(2);
    }
    System.exit(bench.run());
  }

  /** All cases, in the order of the tables. */
  static List<Case> allCases() {
    return CONTESTS.stream().flatMap(contest -> contest.cases().stream()).toList();
  }

  private void parse(String[] args) {
    var rest = new ArrayDeque<>(List.of(args));
    mode =
        switch (rest.isEmpty() ? "" : rest.pop()) {
          case "quick" -> Mode.QUICK;
          case "full" -> Mode.FULL;
          case "smoke" -> Mode.SMOKE;
          default -> throw new IllegalArgumentException(USAGE);
        };
    while (!rest.isEmpty()) {
      String option = rest.pop();
      if (option.equals("--write-docs")) {
        writeDocs = true;
      } else if (!rest.isEmpty() && option.equals("--only")) {
        only = rest.pop();
      } else if (!rest.isEmpty() && option.equals("--out")) {
        out = Optional.of(Path.of(rest.pop()));
      } else {
        throw new IllegalArgumentException(option + " is not known; " + USAGE);
      }
    }
  }

  private boolean isAsked(Case measured) {
    return Stream.of(only.split(",", -1)).anyMatch(measured.id()::startsWith);
  }

  private int run() throws IOException, InterruptedException {
    var root = Path.of(System.getenv().getOrDefault("PUREBPF_ROOT", "..")).toRealPath();
    if (!Files.isDirectory(root.resolve("benchmarks/src/peers"))) {
      System.err.println("bench: " + root + " is no checkout of purebpf; use bin/bench");
      return 2;
    }
    var target = root.resolve("benchmarks/target/bench");
    var cases = allCases().stream().filter(this::isAsked).toList();
    if (cases.isEmpty()) {
      System.err.println("bench: no case begins with " + only);
      return 2;
    }
    var environment = Environment.now();
    var report = measure(root, target, mode, cases, environment);
    var folder =
        writeDocs ? root.resolve("docs/benchmarks") : out.orElse(target.resolve(mode.name()));
    report.write(folder);
    if (writeDocs) {
      report.writeInto(root.resolve("docs/benchmarks.md"), "benchmarks");
    }
    report.lines().forEach(System.out::println);
    System.out.println("raw results and plots: " + folder);
    var problems = report.problems();
    problems.forEach(problem -> System.err.println("bench: " + problem));
    return problems.isEmpty() ? 0 : 1;
  }

  /**
   * Measures.
   *
   * @param root of the checkout
   * @param target for what is made on the way
   */
  static Report measure(
      Path root, Path target, Mode mode, List<Case> cases, Environment environment)
      throws IOException, InterruptedException {
    var workshop =
        new Workshop(
            root.resolve("benchmarks/src/peers"), Files.createDirectories(target.resolve("peers")));
    var peers = new LinkedHashMap<String, Peer>();
    var results = new Results();
    for (var contest : CONTESTS) {
      var chosen = contest.cases().stream().filter(cases::contains).toList();
      if (!chosen.isEmpty()) {
        var found = contest.prepare(workshop);
        found.forEach(peer -> peers.putIfAbsent(peer.key(), peer));
        measure(mode, contest, chosen, workshop, found, results);
        // What was measured stays if a later part fails.
        results.write(Files.createDirectories(target.resolve("so-far")));
      }
    }
    return new Report(mode, environment, List.copyOf(peers.values()), cases, results);
  }

  private static void measure(
      Mode mode,
      Contest contest,
      List<Case> cases,
      Workshop workshop,
      List<Peer> peers,
      Results results)
      throws IOException, InterruptedException {
    for (var peer : peers) {
      if (peer instanceof Peer.Missing missing) {
        cases.forEach(c -> results.absent(c.id(), missing.key(), missing.remedy()));
      }
    }
    var ready =
        peers.stream().filter(Peer.Ready.class::isInstance).map(Peer.Ready.class::cast).toList();
    if (ready.isEmpty()) {
      return;
    }
    try (var stage = contest.open(workshop, ready)) {
      new Runner(
              mode,
              contest.rounds(mode),
              cases,
              stage,
              results,
              words -> System.err.println("bench: " + words))
          .run();
    }
  }
}
