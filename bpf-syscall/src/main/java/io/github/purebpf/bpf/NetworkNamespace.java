package io.github.purebpf.bpf;

import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * A network namespace: interfaces, addresses, sockets and iptables rules that are seen only inside.
 *
 * <p>A thread is in one at a time, and a virtual thread in that of its carrier, so that work in
 * another is done on a platform thread made for it. A socket stays in the namespace it was made in.
 */
public final class NetworkNamespace implements AutoCloseable {
  private static final Path OF_THIS_THREAD = Path.of("/proc/thread-self/ns/net");

  private final Kernel kernel;
  private final Fd fd;
  private final String title;

  private NetworkNamespace(Kernel kernel, int fd, String title) {
    this.kernel = kernel;
    this.fd = new Fd(kernel, fd, title);
    this.title = title;
  }

  /**
   * Makes a new one ({@code unshare(CLONE_NEWNET)}, Linux 2.6.24), which has nothing but a loopback
   * interface that is down. It ends when it is closed and nothing else is in it or refers to it, or
   * with this process.
   *
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_SYS_ADMIN
   */
  public static NetworkNamespace create() {
    return create(Kernel.running());
  }

  static NetworkNamespace create(Kernel kernel) {
    String title = "a new network namespace";
    int fd =
        onThreadOfItsOwn(
            () -> {
              check(kernel, "unshare", title, kernel.newNetworkNamespace());
              return check(kernel, "open", title, kernel.open(OF_THIS_THREAD));
            });
    int moved = check(kernel, "fcntl", title, Fd.offStandardStreams(kernel, fd));
    return new NetworkNamespace(kernel, moved, "network namespace");
  }

  /**
   * Opens one by a path, such as {@code /proc/PID/ns/net} or {@code /run/netns/NAME}.
   *
   * @throws io.github.purebpf.bpf.error.KernelErrorException if there is nothing (ENOENT) or it may
   *     not be opened (EACCES)
   */
  public static NetworkNamespace open(Path path) {
    return open(Kernel.running(), path);
  }

  static NetworkNamespace open(Kernel kernel, Path path) {
    int fd = Fd.offStandardStreams(kernel, kernel.open(path));
    check(kernel, "open", path.toString(), fd);
    return new NetworkNamespace(kernel, fd, "network namespace " + path);
  }

  private static int check(Kernel kernel, String call, String object, int result) {
    if (result < 0) {
      throw Failure.of(kernel, call, object)
          .needs(Set.of(Capability.CAP_SYS_ADMIN))
          .exception(result);
    }
    return result;
  }

  /** The one that the calling thread is in. */
  public static NetworkNamespace current() {
    return open(OF_THIS_THREAD);
  }

  /**
   * Does something in it, on a platform thread of its own ({@code setns}, Linux 3.0), and waits for
   * that.
   *
   * @param <X> what the action throws
   * @return what the action returns
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_SYS_ADMIN
   * @throws io.github.purebpf.bpf.error.KernelErrorException if the path opened is no network
   *     namespace (EINVAL)
   */
  public <T, X extends Throwable> T call(ScopedValue.CallableOp<T, X> action) throws X {
    Objects.requireNonNull(action, "action");
    var outcome =
        onThreadOfItsOwn(
            () -> {
              int number = fd.acquire();
              try {
                check(kernel, "setns", title, kernel.enterNetworkNamespace(number));
              } finally {
                fd.release();
              }
              return Outcome.of(action);
            });
    return outcome.get();
  }

  /** What an action came to; exactly one of the two, or null. */
  private record Outcome<T, X extends Throwable>(T result, Throwable thrown) {
    @SuppressWarnings("CatchingUnchecked") // passed on
    static <T, X extends Throwable> Outcome<T, X> of(ScopedValue.CallableOp<T, X> action) {
      try {
        return new Outcome<>(action.call(), null);
      } catch (Throwable e) {
        return new Outcome<>(null, e);
      }
    }

    @SuppressWarnings("unchecked") // what is thrown and not unchecked, the action declares
    T get() throws X {
      if (thrown == null) {
        return result;
      }
      throw (X) thrown;
    }
  }

  private static <T> T onThreadOfItsOwn(Supplier<T> action) {
    var outcome = new Object[1];
    var thread =
        Thread.ofPlatform()
            .name("network-namespace")
            .start(() -> outcome[0] = Outcome.of(action::get));
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
        thread.interrupt();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    @SuppressWarnings("unchecked") // written above, before the thread ended
    var ended = (Outcome<T, RuntimeException>) outcome[0];
    return ended.get();
  }

  /**
   * Calls with the number of its file descriptor, which stays open until the call returns and must
   * not be kept.
   */
  public <T> T withFd(IntFunction<T> use) {
    int number = fd.acquire();
    try {
      return use.apply(number);
    } finally {
      fd.release();
    }
  }

  /** Closes this process's descriptor. */
  @Override
  public void close() {
    fd.close();
  }

  @Override
  public String toString() {
    return fd.toString();
  }
}
