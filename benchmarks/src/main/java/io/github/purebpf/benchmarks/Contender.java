package io.github.purebpf.benchmarks;

/** A peer that has started, and can be asked for cases until it is closed. */
interface Contender extends AutoCloseable {
  /** Which peer. */
  Peer.Ready peer();

  /** Measures a case. */
  Answer run(Case measured, int operations);

  /** Measures each call of a case. */
  Answer latency(Case measured, int operations);

  /** How many operations of a case warm it up, where so many are measured. */
  default int warmUp(Case measured, int operations) {
    return operations;
  }

  /** Ends it and waits for its end. */
  @Override
  void close();
}
