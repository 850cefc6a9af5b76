package io.github.purebpf.redirect;

import io.github.purebpf.bpf.DirectoryLock;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.redirect.dataplane.Dataplane;
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

  /** The same, if the maps that are pinned are still these. */
  default Turns of(Dataplane dataplane, Path maps) {
    return () -> {
      var turn = take();
      boolean ours = false;
      try {
        ours = dataplane.isPinnedIn(maps);
      } finally {
        if (!ours) {
          turn.close();
        }
      }
      if (!ours) {
        throw new PinException(
            maps + " holds another table than this, which was unpinned; open that one");
      }
      return turn;
    };
  }

  /** For maps that are pinned in a folder. */
  static Turns in(Path maps) {
    return in(maps, Duration.ofSeconds(10));
  }

  /** The same with another patience. */
  static Turns in(Path maps, Duration patience) {
    return () -> {
      try {
        while (true) {
          var lock = DirectoryLock.acquire(maps, patience);
          if (isOf(lock, maps)) {
            return lock::close;
          }
        }
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

  /**
   * Whether a lock is that of the folder which has the name now. Somebody may have removed it after
   * we had opened it, and made another.
   */
  private static boolean isOf(DirectoryLock lock, Path folder) {
    boolean is = false;
    try {
      var other = DirectoryLock.tryAcquire(folder);
      other.ifPresent(DirectoryLock::close);
      is = other.isEmpty();
      return is;
    } finally {
      if (!is) {
        lock.close();
      }
    }
  }
}
