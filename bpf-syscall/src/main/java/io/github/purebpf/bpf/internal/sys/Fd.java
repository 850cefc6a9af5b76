package io.github.purebpf.bpf.internal.sys;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The one owner of a file descriptor.
 *
 * <p>The kernel gives a closed number to the next file that anybody opens, so a call must never use
 * a number that has been closed in the meantime. Every call therefore brackets its use with {@link
 * #acquire} and {@link #release}; a close during such a call lets it finish and happens right after
 * it.
 */
public final class Fd {
  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(Fd.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The sign bit. */
  private static final int CLOSED = Integer.MIN_VALUE;

  private final Kernel kernel;
  private final int number;
  private final String owner;

  /** Null unless somebody records where descriptors are opened. */
  private final Opening opening;

  /** The number of calls under way, and CLOSED once close has been called. */
  @SuppressWarnings("unused") // through STATE
  private volatile int state;

  /**
   * Takes over a descriptor.
   *
   * @param owner what it stands for, such as {@code map vips}
   */
  public Fd(Kernel kernel, int number, String owner) {
    this.kernel = kernel;
    this.number = number;
    this.owner = owner;
    this.opening = Opening.of(owner);
  }

  /**
   * Moves what a call has returned off the numbers of the standard streams, which a process may
   * have closed: 0 means "none" in many fields of the attr.
   *
   * @param result a descriptor or a negated errno
   * @return a descriptor of at least 3, or a negated errno, and then nothing is open
   */
  public static int offStandardStreams(Kernel kernel, int result) {
    if (result < 0 || result > 2) {
      return result;
    }
    int moved = kernel.duplicate(result);
    kernel.close(result);
    return moved;
  }

  /**
   * The number, which stays valid until {@link #release}.
   *
   * @throws IllegalStateException if it has been closed
   */
  public int acquire() {
    while (true) {
      int seen = state;
      if (seen < 0) {
        throw new IllegalStateException(owner + " is closed");
      }
      if (STATE.weakCompareAndSet(this, seen, seen + 1)) {
        return number;
      }
    }
  }

  /** Ends a use. */
  public void release() {
    if ((int) STATE.getAndAdd(this, -1) == CLOSED + 1) {
      closeNow();
    }
  }

  /** Closes it, now or with the last use under way. Only the first call does anything. */
  public void close() {
    int before = (int) STATE.getAndBitwiseOr(this, CLOSED);
    if (before >= 0 && opening != null) {
      opening.end();
    }
    if (before == 0) {
      closeNow();
    }
  }

  private void closeNow() {
    int result = kernel.close(number);
    // Linux frees the number whatever close returns, except that EBADF says it was not ours.
    if (result == -Errno.EBADF) {
      throw new IllegalStateException(
          owner + ": descriptor " + number + " was closed by somebody else");
    }
  }

  /** Whether {@link #close} has been called. */
  public boolean isClosed() {
    return state < 0;
  }

  @Override
  public String toString() {
    return owner + (isClosed() ? " (closed)" : " (fd " + number + ")");
  }
}
