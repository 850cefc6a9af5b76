package io.github.purebpf.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether loaders redirect, and controllers say where to: a connect that goes elsewhere fails. */
@RequiresKernel
@NoLeakedFds
final class StartsIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final int OPERATIONS = 4;

  private static Contest contest(String name) {
    return name.equals("starts") ? new Starts() : new Controllers();
  }

  @ParameterizedTest
  @ValueSource(strings = {"starts", "controllers"})
  void allThatIsThereDoesIt(String name, @TempDir Path folder)
      throws IOException, InterruptedException {
    var contest = contest(name);
    var workshop = new Workshop(ROOT.resolve("benchmarks/src/peers"), folder);
    var ready =
        contest.prepare(workshop).stream()
            .filter(Peer.Ready.class::isInstance)
            .map(Peer.Ready.class::cast)
            .toList();
    assertTrue(ready.stream().anyMatch(peer -> peer.key().equals(Peer.OWN)), ready::toString);
    try (var stage = contest.open(workshop, ready)) {
      var started = stage.start();
      assertEquals(ready, started.stream().map(Contender::peer).toList());
      for (var contender : started) {
        for (var measured : contest.cases()) {
          check(contender, measured);
        }
      }
      started.forEach(Contender::close);
    }
  }

  private static void check(Contender contender, Case measured) {
    String what = contender.peer().key() + " in " + measured.id();
    if (measured.timing() == Case.Timing.TOGETHER) {
      var answer = contender.run(measured, OPERATIONS);
      var measurement = assertInstanceOf(Answer.Measured.class, answer, what).measurement();
      assertTrue(measurement.nanos() >= 0 && measurement.operations() > 0, what);
    } else {
      var answer = contender.latency(measured, OPERATIONS);
      var nanos = assertInstanceOf(Answer.Latencies.class, answer, what).nanos();
      assertEquals(Quantiles.ALL.size(), nanos.size(), what);
    }
  }
}
