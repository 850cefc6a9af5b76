package io.github.purebpf.benchmarks;

import io.github.purebpf.benchmarks.PeerProcess.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/**
 * Asks all peers for all cases, round after round. Within a case the peers are measured one after
 * the other, and each round begins with the next one. The peers are started anew several times, as
 * one start of a JVM may be luckier than another.
 */
final class Runner {
  private final Mode mode;
  private final List<Case> cases;
  private final List<Peer.Ready> peers;
  private final Stage stage;
  private final Consumer<String> progress;
  private final Results results = new Results();

  Runner(
      Mode mode, List<Case> cases, List<Peer.Ready> peers, Stage stage, Consumer<String> progress) {
    this.mode = mode;
    this.cases = cases;
    this.peers = peers;
    this.stage = stage;
    this.progress = progress;
  }

  Results run() throws IOException {
    int round = 0;
    for (int process = 1; process <= mode.processes(); process++) {
      var running = new ArrayList<PeerProcess>();
      try {
        for (var peer : peers) {
          running.add(PeerProcess.start(peer, stage));
        }
        for (int i = 0; i < mode.warmUps(); i++) {
          progress.accept("process %d: warm-up %d".formatted(process, i + 1));
          round(0, process, running);
        }
        for (int i = 0; i < mode.rounds(); i++) {
          round++;
          progress.accept("process %d: round %d".formatted(process, round));
          round(round, process, running);
        }
      } finally {
        running.forEach(PeerProcess::close);
      }
    }
    return results;
  }

  /** Number 0 is to warm up. */
  private void round(int number, int process, List<PeerProcess> running) {
    var order = new ArrayList<>(running);
    Collections.rotate(order, -number);
    for (var measured : cases) {
      int position = 0;
      for (var peer : order) {
        String key = peer.peer().key();
        if (results.absence(measured.id(), key).isEmpty()) {
          position++;
          take(number, process, position, measured, peer);
        }
      }
    }
    for (String id : Case.LATENCIES) {
      if (number > 0 && cases.contains(Case.of(id))) {
        order.forEach(peer -> takeLatency(number, id, peer));
      }
    }
  }

  private void take(int number, int process, int position, Case measured, PeerProcess peer) {
    String key = peer.peer().key();
    switch (ask(operations(number, measured, key), measured, peer)) {
      case Answer.Measured(var measurement) -> {
        if (number > 0) {
          results.add(new Row(number, process, position, measured.id(), key, measurement));
        }
      }
      case Answer.Nothing(var reason) -> results.absent(measured.id(), key, reason);
      case Answer.Failed(var words) -> results.failed(measured.id(), key, words);
      case Answer.Latencies _ -> results.failed(measured.id(), key, "answered something else");
    }
  }

  /**
   * The JVM compiles a method for good only when it has been called hundreds of times: it warms up
   * with all operations also where less is measured.
   */
  private int operations(int number, Case measured, String peer) {
    return number == 0 && peer.equals(Peers.OWN)
        ? measured.operations()
        : mode.operations(measured.operations());
  }

  private Answer ask(int operations, Case measured, PeerProcess peer) {
    if (measured.producers() == 0) {
      return peer.run(measured.id(), operations);
    }
    if (!Peers.READ_RINGS.contains(peer.peer().key())) {
      return new Answer.Nothing("reads no rings");
    }
    try (var _ = stage.produce(peer.peer().key(), measured)) {
      return peer.run(measured.id(), operations);
    }
  }

  private void takeLatency(int number, String id, PeerProcess peer) {
    String key = peer.peer().key();
    if (peer.latency(id, mode.operations(Case.LATENCY_CALLS))
        instanceof Answer.Latencies(var nanos)) {
      results.add(new Results.Latency(number, id, key, nanos));
    }
  }
}
