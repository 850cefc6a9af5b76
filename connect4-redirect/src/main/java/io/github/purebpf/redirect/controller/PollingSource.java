package io.github.purebpf.redirect.controller;

import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/** Looks again and again, in a thread of its own. */
final class PollingSource implements ServerSource {
  /** A look. */
  interface Look {
    /** What it comes to; empty if there is nothing to say yet. */
    Optional<Finding> look() throws InterruptedException;
  }

  private final String description;
  private final Look look;
  private final Pace pace;
  private Optional<Thread> thread = Optional.empty();

  PollingSource(String description, Look look, Pace pace) {
    this.description = description;
    this.look = look;
    this.pace = pace;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public synchronized void start(Consumer<Finding> told) {
    if (thread.isPresent()) {
      throw new IllegalStateException("the source " + description + " has been started already");
    }
    thread = Optional.of(Thread.ofVirtual().name(description).start(() -> run(told)));
  }

  private void run(Consumer<Finding> told) {
    int failures = 0;
    try {
      while (!Thread.currentThread().isInterrupted()) {
        var finding = look.look();
        if (Thread.currentThread().isInterrupted()) {
          return;
        }
        failures = finding.filter(Finding.Failed.class::isInstance).isPresent() ? failures + 1 : 0;
        finding.ifPresent(told);
        Thread.sleep(pace.next(failures, ThreadLocalRandom.current()));
      }
    } catch (InterruptedException e) {
      // It is closed.
    }
  }

  @Override
  public synchronized void close() {
    boolean interrupted = false;
    while (thread.isPresent() && thread.get().isAlive()) {
      thread.get().interrupt();
      try {
        thread.get().join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
