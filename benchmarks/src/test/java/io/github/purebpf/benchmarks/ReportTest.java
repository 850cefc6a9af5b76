package io.github.purebpf.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

final class ReportTest {
  private static final List<Peer> PEERS =
      List.of(
          new Peer.Ready(Peer.OWN, "purebpf", "1", List.of(), List.of()),
          new Peer.Ready("raw", "C, raw system calls", "2", List.of(), List.of()),
          new Peer.Missing("cilium", "cilium/ebpf", "not installed: apt-get install this & that"));
  private static final List<Case> CASES =
      Bench.allCases().stream()
          .filter(measured -> Set.of("hash-put", "hash-get").contains(measured.id()))
          .toList();

  private static Results results() {
    var results = new Results();
    for (int round = 1; round <= 6; round++) {
      add(results, round, Peer.OWN, 1000 + round);
      add(results, round, "raw", 2000);
      results.add(
          new Results.Latency(
              round,
              "hash-put",
              Peer.OWN,
              IntStream.range(0, Quantiles.ALL.size()).mapToObj(i -> 1000L + i).toList()));
    }
    return results;
  }

  private static void add(Results results, int round, String peer, long nanos) {
    results.add(
        new Row(
            round, 1, 1, "hash-put", peer, new Measurement(10, nanos, OptionalLong.of(0), "1")));
  }

  @Test
  void saysWhatIsShownAndWhatIsNotInstalled() {
    var lines = new Table(results(), PEERS, CASES).lines();
    assertTrue(
        lines.contains(
            "| hash: put (element) | 100 ns (100–101) | C, raw system calls | 200 ns (200–200)"
                + " | 0.502 (0.501–0.503) | faster | ≤ 1.050: met |"),
        lines.toString());
    assertTrue(
        lines.contains(
            "|  |  | cilium/ebpf | not installed: apt-get install this & that |  |  | ≤ 0.800:"
                + " open |"),
        lines.toString());
    assertTrue(lines.contains("| hash: put (element) | 0 | 0 | 0 |"), lines.toString());
  }

  @Test
  void saysWhetherPurebpfKeepsToALimitOfItsOwn() {
    var cases =
        Bench.allCases().stream()
            .filter(
                measured -> Set.of(Controllers.MEMORY, Controllers.REST).contains(measured.id()))
            .toList();
    var peers =
        List.of(PEERS.getFirst(), new Peer.Ready("proxy", "a proxy", "1", List.of(), List.of()));
    var results = new Results();
    for (int round = 1; round <= 6; round++) {
      long noise = round * 1_000_000L;
      add(results, round, Controllers.MEMORY, Peer.OWN, 57_000_000 + noise);
      add(results, round, Controllers.MEMORY, "proxy", 57_000_000 + noise);
    }
    assertTrue(goal(results, peers, cases, "resident").endsWith("| ≤ 61.0 MiB: met |"));
    assertTrue(goal(results, peers, cases, "CPU time").endsWith("| ≤ 500 µs: open |"));
    for (int round = 1; round <= 6; round++) {
      add(results, round, Controllers.REST, Peer.OWN, 600_000 + round);
    }
    assertTrue(goal(results, peers, cases, "CPU time").endsWith("| ≤ 500 µs: missed |"));
    add(results, 7, Controllers.MEMORY, Peer.OWN, 64_000_001);
    assertTrue(goal(results, peers, cases, "resident").endsWith("| ≤ 61.0 MiB: open |"));
  }

  private static String goal(Results results, List<Peer> peers, List<Case> cases, String begin) {
    return new Table(results, peers, cases)
        .lines().stream().filter(line -> line.startsWith("| " + begin)).findFirst().orElseThrow();
  }

  private static void add(Results results, int round, String id, String peer, long amount) {
    results.add(
        new Row(round, 1, 1, id, peer, new Measurement(1, amount, OptionalLong.empty(), "-")));
  }

  @Test
  void drawsWellFormedPlots(@TempDir Path folder)
      throws IOException, ParserConfigurationException, SAXException {
    new Report(Mode.QUICK, Environment.now(), PEERS, CASES, results()).write(folder);
    for (var plot : List.of("maps.svg", "latency-hash-put.svg")) {
      var document =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(new InputSource(new StringReader(Files.readString(folder.resolve(plot)))));
      assertEquals("svg", document.getDocumentElement().getTagName());
    }
  }

  @Test
  void writesBetweenTheMarksOfTheDocumentation(@TempDir Path folder) throws IOException {
    var file = folder.resolve("benchmarks.md");
    Files.writeString(
        file,
        "before\n<!-- measured: bin/bench full --write-docs -->\nold\n<!-- end of measured"
            + " -->\nafter\n");
    var report = new Report(Mode.FULL, Environment.now(), PEERS, CASES, results());
    report.writeInto(file, "benchmarks");
    report.writeInto(file, "benchmarks");
    String text = Files.readString(file);
    assertTrue(text.startsWith("before\n<!-- measured"), text);
    assertTrue(text.endsWith("\n<!-- end of measured -->\nafter\n"), text);
    assertEquals(-1, text.indexOf("\nold\n"));
    assertEquals(text.indexOf("Measured on"), text.lastIndexOf("Measured on"));
  }
}
