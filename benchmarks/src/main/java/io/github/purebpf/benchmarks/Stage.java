package io.github.purebpf.benchmarks;

import java.io.IOException;
import java.util.List;

/** What the peers of a contest find when they start. */
interface Stage extends AutoCloseable {
  /** Starts all peers, in the order of the columns, or none. */
  List<Contender> start() throws IOException;

  /** Takes away all of it. */
  @Override
  void close() throws IOException;
}
