package io.github.purebpf.bpf.internal.sys;

import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * Where a descriptor that is open comes from. It is recorded only while somebody asks for it, and
 * does not keep the owner of the descriptor reachable.
 */
public final class Opening {
  private static final StackWalker WALKER = StackWalker.getInstance();

  /** By number, so that the oldest is first. */
  private static final ConcurrentSkipListMap<Long, Opening> OPEN = new ConcurrentSkipListMap<>();

  private static final AtomicLong NUMBERS = new AtomicLong();

  /** How many have begun to record and not ended. */
  private static volatile int recorders;

  private final long number = NUMBERS.getAndIncrement();
  private final String owner;
  private final String thread = Thread.currentThread().getName();
  private final List<StackTraceElement> stack = WALKER.walk(Opening::withoutOwners);

  private Opening(String owner) {
    this.owner = owner;
  }

  private static List<StackTraceElement> withoutOwners(Stream<StackWalker.StackFrame> frames) {
    return frames
        .dropWhile(frame -> frame.getClassName().startsWith(Opening.class.getPackageName()))
        .map(StackWalker.StackFrame::toStackTraceElement)
        .toList();
  }

  /** Of a descriptor that has just been opened; null while nobody records. */
  static Opening of(String owner) {
    if (recorders == 0) {
      return null;
    }
    var opening = new Opening(owner);
    OPEN.put(opening.number, opening);
    return opening;
  }

  /** Its descriptor is closed. */
  void end() {
    OPEN.remove(number);
  }

  /**
   * Begins to record.
   *
   * @return the number that the next opening gets
   */
  public static synchronized long beginRecording() {
    recorders++;
    return NUMBERS.get();
  }

  /** Ends what one {@link #beginRecording} began. */
  public static synchronized void endRecording() {
    recorders--;
    if (recorders == 0) {
      OPEN.clear();
    }
  }

  /** What was opened from a number on and is open, the oldest first. */
  public static List<Opening> since(long number) {
    return List.copyOf(OPEN.tailMap(number).values());
  }

  /** What the descriptor stands for, such as {@code map vips}. */
  public String owner() {
    return owner;
  }

  /** The name of the thread that opened it. */
  public String thread() {
    return thread;
  }

  /** The calls that led to it, the innermost first. */
  public List<StackTraceElement> stack() {
    return stack;
  }
}
