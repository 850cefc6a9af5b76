package io.github.purebpf.redirect;

import java.util.ArrayList;
import java.util.List;

/** Time that passes only where it is waited for, and what happens meanwhile. */
final class TestTicker implements Ticker {
  /** What a test does while time passes; it is told how much has. */
  interface Meanwhile {
    void run(long passed) throws InterruptedException;
  }

  private final Meanwhile meanwhile;
  private final List<Long> waits = new ArrayList<>();

  /** Somewhere near the end of the numbers, as {@link System#nanoTime} may be. */
  private long now = Long.MAX_VALUE - 1_000_000;

  private final long begin = now;

  TestTicker(Meanwhile meanwhile) {
    this.meanwhile = meanwhile;
  }

  TestTicker() {
    this(_ -> {});
  }

  /** How much time has passed. */
  long passed() {
    return now - begin;
  }

  void pass(long nanos) {
    now += nanos;
  }

  /** How often it was waited. */
  int waits() {
    return waits.size();
  }

  @Override
  public long nanos() {
    return now;
  }

  @Override
  public void sleep(long nanos) throws InterruptedException {
    waits.add(nanos);
    meanwhile.run(passed());
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    now += nanos;
  }
}
