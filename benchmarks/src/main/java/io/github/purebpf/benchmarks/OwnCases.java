package io.github.purebpf.benchmarks;

import java.util.Optional;

/** Cases of one kind, done by purebpf. */
sealed interface OwnCases extends AutoCloseable permits OwnMaps, OwnCode, OwnRings, OwnLoads {
  /**
   * Measures a case.
   *
   * @param name of the case
   * @param operations at least so many
   * @return empty if the case is of another kind
   */
  Optional<Measurement> run(String name, int operations);

  @Override
  void close();
}
