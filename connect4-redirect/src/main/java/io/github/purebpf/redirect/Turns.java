package io.github.purebpf.redirect;

import io.github.purebpf.bpf.DirectoryLock;
import io.github.purebpf.bpf.error.KernelErrorException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/** Lets one at a time change maps that several may have. */
interface Turns {
  /** For maps that nobody else has. */
  Turns ALONE = () -> () -> {};

  /** The time in which one may change. */
  interface Turn extends AutoCloseable {
    /** Lets others. */
    @Override
    void close();
  }

  /**
   * Waits for our turn.
   *
   * @throws TableBusyException if it does not come
   * @throws PinException if the maps are pinned no longer
   */
  Turn take();

  /** For maps that are pinned in a folder. */
  static Turns in(Path maps) {
    return in(maps, Duration.ofSeconds(10));
  }

  /** The same with another patience. */
  static Turns in(Path maps, Duration patience) {
    return () -> {
      try {
        return DirectoryLock.acquire(maps, patience)::close;
      } catch (TimeoutException e) {
        throw new TableBusyException(maps, patience, e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TableBusyException(maps, e);
      } catch (KernelErrorException e) {
        throw e.errnoName().equals("ENOENT")
            ? new PinException(
                maps + " is no more: somebody has unpinned the table; open or pin it anew", e)
            : e;
      }
    };
  }
}
