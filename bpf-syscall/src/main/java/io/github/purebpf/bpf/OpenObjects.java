package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.sys.Opening;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Finds what is opened and never closed: maps, programs, links, and whatever else of this library
 * owns a file descriptor. Nothing is recorded until somebody {@linkplain #track tracks}; from then
 * on, every opening costs a walk of its thread's stack.
 *
 * <p>Several may track at the same time. Each sees all threads.
 */
public final class OpenObjects implements AutoCloseable {
  private final long first = Opening.beginRecording();
  private final AtomicBoolean ended = new AtomicBoolean();

  private OpenObjects() {}

  /**
   * An object that is open.
   *
   * @param title its kind and name, such as {@code map vips}
   * @param thread the name of the thread that opened it
   * @param stack the calls that led to its opening, the innermost first; those inside of this
   *     library come first
   */
  public record Opened(String title, String thread, List<StackTraceElement> stack) {
    private static final String THIS_LIBRARY = OpenObjects.class.getPackageName() + ".";

    /** Copies the stack. */
    public Opened {
      stack = List.copyOf(stack);
    }

    /** The innermost call from outside of this library. */
    public Optional<StackTraceElement> caller() {
      return stack.stream()
          .filter(frame -> !frame.getClassName().startsWith(THIS_LIBRARY))
          .findFirst();
    }

    /** The title and the caller, on one line. */
    @Override
    public String toString() {
      return title + caller().map(caller -> ", opened at " + caller).orElse("");
    }
  }

  /** Begins to record where objects are opened, until it is closed. */
  public static OpenObjects track() {
    return new OpenObjects();
  }

  /**
   * What was opened since {@link #track} and has not been closed, the oldest first. An object that
   * was closed while another thread is inside a call on it is not listed.
   *
   * @throws IllegalStateException if this is closed
   */
  public List<Opened> list() {
    if (ended.get()) {
      throw new IllegalStateException("the tracking of open objects has ended");
    }
    return Opening.since(first).stream()
        .map(opening -> new Opened(opening.owner(), opening.thread(), opening.stack()))
        .toList();
  }

  /** Stops recording. The objects stay as they are. */
  @Override
  public void close() {
    if (ended.compareAndSet(false, true)) {
      Opening.endRecording();
    }
  }
}
