package io.github.purebpf.redirect.dataplane;

/**
 * The word that decides what becomes of a connect to a virtual address. Its members lie one after
 * the other in the array {@code members}; while a word names them they do not change.
 *
 * @param first the index of the first member
 * @param count how many there are, 0 to {@link #MOST_MEMBERS}
 * @param policy the {@code POLICY_…} by which one is chosen
 * @param errno what a connect fails with if there is none; 0 to let it go where it was going
 */
public record Head(int first, int count, int policy, int errno) {
  /** The most servers of one virtual address, which is how far loops that are counted go. */
  public static final int MOST_MEMBERS = 64;

  public static final int COUNT_SHIFT = 32;
  public static final int COUNT_MASK = 0xffff;
  public static final int POLICY_SHIFT = 48;
  public static final int POLICY_MASK = 0xff;
  public static final int ERRNO_SHIFT = 56;

  public static final int POLICY_SINGLE = 0;
  public static final int POLICY_WEIGHTED = 1;
  public static final int POLICY_ROUND_ROBIN = 2;
  public static final int POLICY_LEAST_CONNECTIONS = 3;
  public static final int POLICY_STICKY_CONTAINER = 4;
  public static final int POLICY_STICKY_SOCKET = 5;

  /** The word. */
  public long word() {
    return Integer.toUnsignedLong(first)
        | (long) count << COUNT_SHIFT
        | (long) policy << POLICY_SHIFT
        | (long) errno << ERRNO_SHIFT;
  }

  /** Takes it apart. */
  public static Head of(long word) {
    return new Head(
        (int) word,
        (int) (word >>> COUNT_SHIFT) & COUNT_MASK,
        (int) (word >>> POLICY_SHIFT) & POLICY_MASK,
        (int) (word >>> ERRNO_SHIFT));
  }
}
