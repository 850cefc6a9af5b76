package io.github.purebpf.redirect;

import java.util.ArrayDeque;
import java.util.Deque;

/** How to take back the steps of something that is done as a whole or not at all. */
final class Undo implements AutoCloseable {
  private final Deque<Runnable> steps = new ArrayDeque<>();
  private final Deque<AutoCloseable> needed = new ArrayDeque<>();
  private boolean done;

  /** How the last step is taken back. */
  void add(Runnable step) {
    steps.push(step);
  }

  /** What a step needs, which is closed at the end in any case. */
  void needs(AutoCloseable resource) {
    needed.push(resource);
  }

  /** All is done, and nothing is taken back. */
  void done() {
    done = true;
  }

  /** Takes the steps back unless {@link #done} was called. */
  @Override
  public void close() {
    RuntimeException failure = null;
    while (!done && !steps.isEmpty()) {
      failure = after(failure, steps.pop()::run);
    }
    while (!needed.isEmpty()) {
      failure = after(failure, needed.pop());
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static RuntimeException after(RuntimeException failure, AutoCloseable step) {
    try {
      step.close();
      return failure;
    } catch (Exception e) {
      var next = e instanceof RuntimeException r ? r : new IllegalStateException(e);
      if (failure == null) {
        return next;
      }
      failure.addSuppressed(next);
      return failure;
    }
  }
}
