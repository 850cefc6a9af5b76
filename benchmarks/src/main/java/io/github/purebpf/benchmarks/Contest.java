package io.github.purebpf.benchmarks;

import java.io.IOException;
import java.util.List;

/** A part of the benchmark: what is measured, by whom, and what they find when they start. */
interface Contest {
  /** Its cases, in the order of the tables. */
  List<Case> cases();

  /**
   * Compiles the peers that this machine has the tools for.
   *
   * @return all peers in the order of the columns; the key of purebpf is {@link Peer#OWN}
   */
  List<Peer> prepare(Workshop workshop) throws IOException, InterruptedException;

  /**
   * Sets up what they need.
   *
   * @param peers those that are there
   */
  Stage open(Workshop workshop, List<Peer.Ready> peers) throws IOException, InterruptedException;

  /** The rounds after each start that count. */
  default int rounds(Mode mode) {
    return mode.rounds();
  }
}
