package io.github.purebpf.redirect.dataplane;

/**
 * How a connection is probed, in one word.
 *
 * @param idle seconds without traffic before the first probe, 1 to 32,767 ({@code TCP_KEEPIDLE})
 * @param interval seconds between probes, 1 to 32,767 ({@code TCP_KEEPINTVL})
 * @param count how many probes without an answer end it, 1 to 127 ({@code TCP_KEEPCNT})
 * @param userTimeout milliseconds that sent data may go without an answer, 0 for what the system
 *     does, up to 16,777,215 ({@code TCP_USER_TIMEOUT})
 */
public record Probes(int idle, int interval, int count, int userTimeout) {
  static final int IDLE_MASK = 0xffff;
  static final int INTERVAL_SHIFT = 16;
  static final int COUNT_SHIFT = 32;
  static final int COUNT_MASK = 0xff;
  static final int TIMEOUT_SHIFT = 40;

  /** The word. */
  public long word() {
    return idle
        | (long) interval << INTERVAL_SHIFT
        | (long) count << COUNT_SHIFT
        | (long) userTimeout << TIMEOUT_SHIFT;
  }

  public static Probes of(long word) {
    return new Probes(
        (int) word & IDLE_MASK,
        (int) (word >>> INTERVAL_SHIFT) & IDLE_MASK,
        (int) (word >>> COUNT_SHIFT) & COUNT_MASK,
        (int) (word >>> TIMEOUT_SHIFT));
  }
}
