package io.github.purebpf.redirect.pace;

import java.util.concurrent.TimeUnit;

/** A clock that can be waited for. Tests have one of their own. */
public interface Ticker {
  /** The clock of the machine. */
  Ticker SYSTEM =
      new Ticker() {
        @Override
        public long nanos() {
          return System.nanoTime();
        }

        @Override
        public void sleep(long nanos) throws InterruptedException {
          TimeUnit.NANOSECONDS.sleep(nanos);
        }
      };

  /** Nanoseconds since some time. */
  long nanos();

  /** Waits so long; an interrupt ends it. */
  void sleep(long nanos) throws InterruptedException;
}
