package io.github.purebpf.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether the benchmark runs, with counts that are too small for figures, and what allocates. */
@RequiresKernel
@NoLeakedFds
final class BenchIT {
  /** The compiler works in the background: so often it may still have been at it. */
  private static final int ROUNDS = 20;

  private static final int CALLS = 20_000;

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /** Takes a minute, so it is one of those that {@code mvn verify -Plong} runs. */
  @Test
  @Tag("long")
  void measuresEveryCaseByEveryPeerThatIsThere(@TempDir Path folder)
      throws IOException, InterruptedException {
    var report = Bench.measure(ROOT, folder, Mode.SMOKE, Bench.allCases(), Environment.now());
    assertEquals(List.of(), report.problems());
    var results = report.results();
    for (var contest : Bench.CONTESTS) {
      for (var measured : contest.cases()) {
        var absence = results.absence(measured.id(), Peer.OWN);
        if (absence.isPresent()) {
          assertTrue(absence.get().startsWith("not installed: apt-get install "), absence.get());
          continue;
        }
        for (var figure : Figure.of(measured)) {
          assertEquals(
              Mode.SMOKE.processes() * contest.rounds(Mode.SMOKE),
              results.byRound(measured.id(), Peer.OWN, figure).size(),
              measured.id() + figure.suffix);
        }
      }
    }
    for (var peer : report.peers()) {
      switch (peer) {
        case Peer.Ready ready ->
            assertTrue(
                results.rows().stream().anyMatch(row -> row.peer().equals(ready.key())),
                ready.key());
        // What is installed compiles.
        case Peer.Missing missing ->
            assertTrue(
                missing.remedy().startsWith("not installed: apt-get install "), missing.remedy());
      }
    }
    report.write(folder);
    assertTrue(Files.size(folder.resolve("maps.svg")) > 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hash-put",
        "hash-get",
        "hash-delete",
        "array-put",
        "array-get",
        "percpu-put",
        "percpu-get"
      })
  void oneElementOfIntegersAllocatesNothing(String name) {
    try (var maps = new OwnMaps()) {
      assertEquals(0, least(maps, name));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"drain-16", "drain-256"})
  void aRecordThatIsReadInPlaceAllocatesNothing(String name, @TempDir Path folder)
      throws IOException {
    var own = new Peer.Ready(Peer.OWN, "purebpf", "", List.of(), List.of());
    try (var stage = LibraryStage.open(folder, List.of(own));
        var rings = new OwnRings(stage.pins(Peer.OWN))) {
      assertEquals(0, least(rings, name));
    }
  }

  /** The bytes of the round that allocates the least: once the code is compiled. */
  private static long least(OwnCases cases, String name) {
    long least = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS && least > 0; round++) {
      least = Math.min(least, cases.run(name, CALLS).orElseThrow().allocated().orElseThrow());
    }
    return least;
  }
}
