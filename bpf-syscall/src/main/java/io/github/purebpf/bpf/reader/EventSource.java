package io.github.purebpf.bpf.reader;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/**
 * What all readers have in common: one thread at a time takes what is there, or waits for it, and
 * closing ends that.
 */
final class EventSource implements AutoCloseable {
  /** What a closed reader answers. */
  static final int CLOSED = -1;

  private static final long SHORTEST_PAUSE = TimeUnit.MICROSECONDS.toNanos(20);
  private static final int DOUBLINGS = 6;

  private final Parts parts;
  private final Waiting waiting;
  private final Turn turn;

  /** Takes over the parts, to be closed when nobody uses them any more. */
  EventSource(Parts parts, Waiting waiting) {
    this.parts = parts;
    this.waiting = waiting;
    this.turn = new Turn(parts.toString());
  }

  /** Goes in; false if it is closed. */
  boolean enter() {
    return turn.enter();
  }

  void leave() {
    if (turn.leave()) {
      parts.close();
    }
  }

  boolean isClosed() {
    return turn.isClosed();
  }

  /**
   * Takes what is there, or waits for it.
   *
   * @param take answers how many were taken
   */
  int poll(Duration atMost, IntSupplier take) {
    long limit = TimeUnit.NANOSECONDS.convert(atMost);
    long start = System.nanoTime();
    if (!enter()) {
      return CLOSED;
    }
    try {
      for (int fruitless = 0; ; fruitless++) {
        int taken = take.getAsInt();
        if (taken != 0) {
          return taken;
        }
        if (isClosed()) {
          return CLOSED;
        }
        long left = limit - (System.nanoTime() - start);
        if (left <= 0 || Thread.currentThread().isInterrupted()) {
          return 0;
        }
        if (fruitless > 0) {
          // The kernel calls a ring readable whose first record a program still works on.
          LockSupport.parkNanos(
              Math.min(left, SHORTEST_PAUSE << Math.min(fruitless - 1, DOUBLINGS)));
        }
        waiting.await(left);
      }
    } finally {
      leave();
    }
  }

  @Override
  public void close() {
    if (turn.beginClose()) {
      try {
        waiting.wake();
      } finally {
        if (turn.endClose()) {
          parts.close();
        }
      }
    }
  }

  @Override
  public String toString() {
    return parts.toString();
  }
}
