package io.github.purebpf.redirect.pace;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Time that passes only where it is waited for, and what happens meanwhile. */
public final class TestTicker implements Ticker {
  /** What a test does while time passes; it is told how much has. */
  public interface Meanwhile {
    void run(long passed) throws InterruptedException;
  }

  /** Somewhere near the end of the numbers, as {@link System#nanoTime} may be. */
  private static final long BEGIN = Long.MAX_VALUE - 1_000_000;

  private final Meanwhile meanwhile;
  private final List<Long> waits = new ArrayList<>();

  private final AtomicLong now = new AtomicLong(BEGIN);

  public TestTicker(Meanwhile meanwhile) {
    this.meanwhile = meanwhile;
  }

  public TestTicker() {
    this(_ -> {});
  }

  /** How much time has passed. */
  public long passed() {
    return now.get() - BEGIN;
  }

  public void pass(long nanos) {
    now.addAndGet(nanos);
  }

  /** How often it was waited. */
  public int waits() {
    return waits.size();
  }

  @Override
  public long nanos() {
    return now.get();
  }

  @Override
  public void sleep(long nanos) throws InterruptedException {
    waits.add(nanos);
    meanwhile.run(passed());
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    now.addAndGet(nanos);
  }
}
