package io.github.purebpf.benchmarks;

/**
 * A library in a process of its own.
 *
 * @param stage what it found when it started
 */
record LibraryPeer(PeerProcess process, LibraryStage stage) implements Contender {
  @Override
  public Peer.Ready peer() {
    return process.peer();
  }

  @Override
  public Answer run(Case measured, int operations) {
    if (measured.producers() == 0) {
      return process.run(measured, operations);
    }
    if (!Libraries.READ_RINGS.contains(peer().key())) {
      return new Answer.Nothing("reads no rings");
    }
    try (var _ = stage.produce(peer().key(), measured)) {
      return process.run(measured, operations);
    }
  }

  @Override
  public Answer latency(Case measured, int operations) {
    return process.latency(measured, operations);
  }

  /**
   * The JVM compiles a method for good only when it has been called hundreds of times: it warms up
   * with all operations also where less is measured.
   */
  @Override
  public int warmUp(Case measured, int operations) {
    return peer().key().equals(Peer.OWN) ? measured.operations() : operations;
  }

  @Override
  public void close() {
    process.close();
  }
}
