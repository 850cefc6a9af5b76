package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * An exclusive lock on a directory ({@code flock(2)}), such as one of a BPF file system in which
 * several processes pin and unpin. At most one of all that ask for it holds it, in this process and
 * in all others of the machine; it keeps out nobody who does not ask.
 *
 * <p>The kernel frees the lock when this is closed and when the process ends, however it does. It
 * is of the directory, not of the path: whoever removes the directory and makes it again has made
 * another lock.
 */
public final class DirectoryLock implements AutoCloseable {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(50);

  private final Fd fd;

  private DirectoryLock(Fd fd) {
    this.fd = fd;
  }

  /**
   * Takes the lock if nobody has it.
   *
   * @return empty if somebody has it, in this process or another
   * @throws io.github.purebpf.bpf.error.KernelErrorException if there is no such directory (ENOENT,
   *     ENOTDIR), it may not be read (EACCES), or its file system has no locks (EOPNOTSUPP)
   */
  public static Optional<DirectoryLock> tryAcquire(Path directory) {
    return tryAcquire(Kernel.running(), directory);
  }

  static Optional<DirectoryLock> tryAcquire(Kernel kernel, Path directory) {
    // The dot makes what is no directory an error, and a FIFO nothing to wait for.
    int opened = Fd.offStandardStreams(kernel, kernel.open(directory.resolve(".")));
    if (opened < 0) {
      throw Failure.of(kernel, "open", directory.toString())
          .hint(Errno.ENOENT, "there is no such directory")
          .hint(Errno.ENOTDIR, "it is no directory")
          .exception(opened);
    }
    int result = kernel.lock(opened);
    if (result < 0) {
      kernel.close(opened);
      if (result == -Errno.EAGAIN) {
        return Optional.empty();
      }
      throw Failure.of(kernel, "flock", directory.toString())
          .hint(Errno.EOPNOTSUPP, "its file system has no locks")
          .exception(result);
    }
    return Optional.of(new DirectoryLock(new Fd(kernel, opened, "lock of " + directory)));
  }

  /**
   * Takes the lock, and waits for it while somebody has it. Nobody is first in a queue: who asks at
   * the right moment gets it.
   *
   * @param atMost how long to wait; zero or less does not
   * @throws TimeoutException if somebody had it all the time
   * @throws InterruptedException if this thread is interrupted while it waits
   * @throws io.github.purebpf.bpf.error.KernelErrorException as {@link #tryAcquire(Path)} does
   */
  public static DirectoryLock acquire(Path directory, Duration atMost)
      throws InterruptedException, TimeoutException {
    return acquire(Kernel.running(), directory, atMost);
  }

  static DirectoryLock acquire(Kernel kernel, Path directory, Duration atMost)
      throws InterruptedException, TimeoutException {
    Objects.requireNonNull(directory, "directory");
    long start = System.nanoTime();
    long limit = TimeUnit.NANOSECONDS.convert(atMost);
    // flock can wait by itself, but then nothing but a signal ends the wait.
    long pause = FIRST_PAUSE.toNanos();
    while (true) {
      var lock = tryAcquire(kernel, directory);
      if (lock.isPresent()) {
        return lock.get();
      }
      long left = limit - (System.nanoTime() - start);
      if (left <= 0) {
        throw new TimeoutException(
            directory + " was locked by another for all of " + atMost + "; see /proc/locks");
      }
      TimeUnit.NANOSECONDS.sleep(Math.min(pause, left));
      pause = Math.min(2 * pause, LONGEST_PAUSE.toNanos());
    }
  }

  /** Frees the lock; from the second time on it does nothing. */
  @Override
  public void close() {
    fd.close();
  }

  @Override
  public String toString() {
    return fd.toString();
  }
}
