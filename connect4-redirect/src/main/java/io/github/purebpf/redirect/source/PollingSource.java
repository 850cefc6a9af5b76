package io.github.purebpf.redirect.source;

import io.github.purebpf.redirect.pace.Backoff;
import io.github.purebpf.redirect.pace.Ticker;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** Looks again and again, in a thread of its own. */
final class PollingSource implements ServerSource {
  /** A look. */
  interface Look {
    /** What it comes to; empty if there is nothing to say yet. */
    Optional<Finding> look() throws InterruptedException;
  }

  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  private final String description;
  private final Look look;
  private final Backoff backoff;
  private Optional<Thread> thread = Optional.empty();

  /**
   * @param interval between two looks; after failures longer
   */
  PollingSource(String description, Look look, Duration interval) {
    this.description = description;
    this.look = look;
    this.backoff = new Backoff(interval, LONGEST_PAUSE, RandomGenerator.getDefault());
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
        Ticker.SYSTEM.sleep(backoff.after(failures));
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
