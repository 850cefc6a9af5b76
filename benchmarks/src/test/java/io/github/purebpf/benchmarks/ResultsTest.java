package io.github.purebpf.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ResultsTest {
  private static Row row(int round, String peer, long nanos, String sum) {
    return new Row(
        round, 1, 1, "hash-put", peer, new Measurement(10, nanos, OptionalLong.empty(), sum));
  }

  @Test
  void pairsTheRoundsThatBothHave() {
    var results = new Results();
    results.add(row(1, Peer.OWN, 100, "-"));
    results.add(row(2, Peer.OWN, 400, "-"));
    results.add(row(3, Peer.OWN, 900, "-"));
    results.add(row(3, "raw", 300, "-"));
    results.add(row(2, "raw", 200, "-"));
    assertEquals(
        Optional.of(new Spread(2, 2, 2.5, 3, 3)), results.ratio("hash-put", "raw", Figure.MEAN));
    assertEquals(Optional.empty(), results.ratio("hash-get", "raw", Figure.MEAN));
  }

  @Test
  void findsPeersThatDidSomethingElse() {
    var results = new Results();
    results.add(row(1, Peer.OWN, 100, "42"));
    results.add(row(1, "raw", 100, "42"));
    results.add(row(1, "llvm-mc", 100, "-"));
    assertEquals(List.of(), results.disagreements());
    results.add(row(1, "cilium", 100, "43"));
    assertEquals(List.of("hash-put: purebpf came to 42 and cilium to 43"), results.disagreements());
  }

  @Test
  void tellsTheFirstFailureOfAPeer() {
    var results = new Results();
    results.failed("hash-put", "raw", "update: EPERM");
    results.failed("hash-get", "raw", "it has ended");
    assertEquals(List.of("raw failed in hash-put: update: EPERM"), results.failures());
    assertEquals(Optional.of("it has ended"), results.absence("hash-get", "raw"));
  }

  @Test
  void writesOneLineForEachRun(@TempDir Path folder) throws IOException {
    var results = new Results();
    var row =
        new Row(3, 2, 1, "drain-16", Peer.OWN, new Measurement(5, 77, OptionalLong.of(0), "9"));
    results.add(row);
    results.add(row(3, "raw", 100, "-"));
    results.add(
        new Results.Latency(
            3, "hash-put", "raw", Collections.nCopies(Quantiles.ALL.size(), 1234L)));
    results.write(folder);
    var lines = Files.readAllLines(folder.resolve("results.csv"));
    assertEquals(
        "round,process,position,case,peer,operations,nanoseconds,allocated_bytes,sum",
        lines.getFirst());
    assertEquals(results.rows(), lines.stream().skip(1).map(Row::parse).toList());
    assertTrue(
        Files.readAllLines(folder.resolve("latency.csv")).contains("3,hash-put,raw,0.999,1234"));
  }

  @Test
  void refusesALineThatIsNoMeasurement() {
    assertThrows(IllegalArgumentException.class, () -> Measurement.parse("ok 1 2"));
    assertThrows(IllegalArgumentException.class, () -> Row.parse("1,2,3"));
  }
}
