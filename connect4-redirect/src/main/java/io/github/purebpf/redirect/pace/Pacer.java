package io.github.purebpf.redirect.pace;

/**
 * Spreads steps evenly over time. Time in which there was nothing to do is not made up for, so that
 * no second ever sees more steps than the rate.
 */
public final class Pacer {
  private static final double SECOND = 1e9;

  private final Ticker ticker;
  private final long interval;
  private boolean begun;
  private long next;

  /**
   * @param perSecond how many steps; a fraction makes one in several seconds
   */
  public Pacer(double perSecond, Ticker ticker) {
    this.ticker = ticker;
    this.interval = (long) Math.ceil(SECOND / perSecond);
  }

  /** Waits until it is time for a step; the first may be taken at once. */
  public void await() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    long now = ticker.nanos();
    while (begun && next - now > 0) {
      ticker.sleep(next - now);
      now = ticker.nanos();
    }
    begun = true;
    next = now + interval;
  }
}
