package io.github.purebpf.bpf.reader;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Lets one thread in at a time, and tells of those that leave and close the last one, which frees
 * what they used.
 */
final class Turn {
  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(Turn.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final int INSIDE = 1;
  private static final int CLOSING = 2;
  private static final int CLOSED = 4;

  private final String owner;

  @SuppressWarnings("unused") // through STATE
  private volatile int state;

  Turn(String owner) {
    this.owner = owner;
  }

  /**
   * Goes in.
   *
   * @return false if it is closed
   * @throws IllegalStateException if somebody is in
   */
  boolean enter() {
    int seen = (int) STATE.compareAndExchange(this, 0, INSIDE);
    if ((seen & CLOSED) == 0 && (seen & INSIDE) != 0) {
      throw new IllegalStateException(owner + " is in use; one thread at a time may use it");
    }
    return seen == 0;
  }

  /** Leaves; true for the one that has to free. */
  boolean leave() {
    return (int) STATE.getAndBitwiseAnd(this, ~INSIDE) == (CLOSED | INSIDE);
  }

  /** Closes, so that nobody comes in any more; true for the first that does. */
  boolean beginClose() {
    return ((int) STATE.getAndBitwiseOr(this, CLOSED | CLOSING) & CLOSED) == 0;
  }

  /** Ends what {@link #beginClose} began; true for the one that has to free. */
  boolean endClose() {
    return (int) STATE.getAndBitwiseAnd(this, ~CLOSING) == (CLOSED | CLOSING);
  }

  boolean isClosed() {
    return (state & CLOSED) != 0;
  }
}
