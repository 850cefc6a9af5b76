package io.github.purebpf.testkit;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What code allocates on the heap once it is compiled. */
public final class Allocations {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** The compiler works in the background: so often it may still have been at it. */
  private static final int ROUNDS = 20;

  private Allocations() {}

  /**
   * Calls the code in up to 20 rounds, until a round allocates nothing.
   *
   * @param calls in each round, enough for the code to be compiled
   * @return the bytes that this thread has allocated in the round that allocated the least
   */
  public static long least(int calls, Runnable code) {
    long least = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS && least > 0; round++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < calls; i++) {
        code.run();
      }
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }
}
