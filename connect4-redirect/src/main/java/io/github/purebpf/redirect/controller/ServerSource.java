package io.github.purebpf.redirect.controller;

import java.util.function.Consumer;

/**
 * Where servers are known. It looks by itself, as often as suits it, and tells what it found.
 *
 * <p>It never ends by itself: what goes wrong is a {@link Finding.Failed}, and it tries again at a
 * pace of its own.
 */
public interface ServerSource extends AutoCloseable {
  /** What it is, in a few words for people, such as {@code consul https://10.0.0.1:8501}. */
  String description();

  /**
   * Begins to look; is called once.
   *
   * @param told gets each finding, from a thread of the source, one after the other, also if it is
   *     the same as before
   */
  void start(Consumer<Finding> told);

  /** Stops looking; when it returns, nothing more is told. */
  @Override
  void close();
}
