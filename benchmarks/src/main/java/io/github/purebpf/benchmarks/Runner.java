package io.github.purebpf.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/**
 * Asks all peers of a contest for all cases, round after round. Within a case the peers are
 * measured one after the other, and each round begins with the next one. The peers are started anew
 * several times, as one start of a JVM may be luckier than another.
 */
final class Runner {
  private final Mode mode;
  private final int rounds;
  private final List<Case> cases;
  private final Stage stage;
  private final Results results;
  private final Consumer<String> progress;

  /**
   * A runner.
   *
   * @param rounds after each start that count
   * @param results to add to
   */
  Runner(
      Mode mode,
      int rounds,
      List<Case> cases,
      Stage stage,
      Results results,
      Consumer<String> progress) {
    this.mode = mode;
    this.rounds = rounds;
    this.cases = cases;
    this.stage = stage;
    this.results = results;
    this.progress = progress;
  }

  void run() throws IOException {
    int round = 0;
    for (int process = 1; process <= mode.processes(); process++) {
      var running = stage.start();
      try {
        for (int i = 0; i < mode.warmUps(); i++) {
          progress.accept("process %d: warm-up %d".formatted(process, i + 1));
          round(0, process, running);
        }
        for (int i = 0; i < rounds; i++) {
          round++;
          progress.accept("process %d: round %d".formatted(process, round));
          round(round, process, running);
        }
      } finally {
        running.forEach(Contender::close);
      }
    }
  }

  /** Number 0 is to warm up. */
  private void round(int number, int process, List<Contender> running) {
    var order = new ArrayList<>(running);
    Collections.rotate(order, -number);
    for (var measured : cases) {
      int position = 0;
      for (var contender : order) {
        if (results.absence(measured.id(), contender.peer().key()).isEmpty()) {
          position++;
          take(number, process, position, measured, contender);
        }
      }
    }
  }

  private void take(int number, int process, int position, Case measured, Contender contender) {
    if (measured.timing() != Case.Timing.EACH) {
      int operations = operations(number, measured, measured.operations(), contender);
      var answer = contender.run(measured, operations);
      note(number, process, position, measured, contender.peer().key(), answer);
    }
    if (measured.timing() != Case.Timing.TOGETHER) {
      int operations = operations(number, measured, measured.singleCalls(), contender);
      var answer = contender.latency(measured, operations);
      note(number, process, position, measured, contender.peer().key(), answer);
    }
  }

  private int operations(int number, Case measured, int full, Contender contender) {
    int operations = mode.operations(full);
    return number == 0 ? contender.warmUp(measured, operations) : operations;
  }

  private void note(
      int number, int process, int position, Case measured, String peer, Answer answer) {
    switch (answer) {
      case Answer.Measured(var measurement) -> {
        if (number > 0) {
          results.add(new Row(number, process, position, measured.id(), peer, measurement));
        }
      }
      case Answer.Latencies(var nanos) -> {
        if (number > 0) {
          results.add(new Results.Latency(number, measured.id(), peer, nanos));
        }
      }
      case Answer.Nothing(var reason) -> results.absent(measured.id(), peer, reason);
      case Answer.Failed(var words) -> results.failed(measured.id(), peer, words);
    }
  }
}
