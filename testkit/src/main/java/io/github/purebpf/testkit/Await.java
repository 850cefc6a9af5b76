package io.github.purebpf.testkit;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for what another process or the kernel does. */
public final class Await {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(5);

  private Await() {}

  /**
   * Returns as soon as the condition holds.
   *
   * @param what completes the sentence "still waiting for"
   * @throws AssertionError if it does not hold within 30 seconds
   */
  public static void until(String what, BooleanSupplier condition) throws InterruptedException {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > LIMIT.toNanos()) {
        throw new AssertionError("after " + LIMIT.toSeconds() + " s still waiting for " + what);
      }
      Thread.sleep(PAUSE);
    }
  }
}
