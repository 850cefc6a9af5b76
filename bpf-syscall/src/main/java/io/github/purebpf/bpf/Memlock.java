package io.github.purebpf.bpf;

import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Kernel;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The memory that this process may lock ({@code RLIMIT_MEMLOCK}). Before Linux 5.11 the kernel
 * counts the maps and programs of a user against it, and refuses what goes beyond with EPERM; the
 * usual limit, 64 KiB, is soon reached. Later kernels count them as memory of the cgroup, and the
 * limit does not matter for them.
 *
 * <p>Nothing in this library changes the limit but {@link #raise}.
 */
public final class Memlock {
  private Memlock() {}

  /** The limit of this process in bytes, the soft one; empty if there is none. */
  public static OptionalLong limit() {
    return limit(Kernel.running());
  }

  static OptionalLong limit(Kernel kernel) {
    long limit = kernel.memlock();
    return limit == Kernel.NO_LIMIT ? OptionalLong.empty() : OptionalLong.of(limit);
  }

  /**
   * Lifts the limit of this process, the soft and the hard one ({@code prlimit(2)}), for all its
   * threads and for good; child processes inherit it. To be called before the first map is made, on
   * kernels before Linux 5.11.
   *
   * @throws MissingPrivilegeException without CAP_SYS_RESOURCE; whoever starts the process can lift
   *     it, too: {@code ulimit -l unlimited}, or {@code LimitMEMLOCK=infinity} in a unit of systemd
   */
  public static void raise() {
    raise(Kernel.running());
  }

  static void raise(Kernel kernel) {
    int result = kernel.liftMemlock();
    if (result < 0) {
      throw Failure.of(kernel, "prlimit", "RLIMIT_MEMLOCK")
          .needs(Set.of(Capability.CAP_SYS_RESOURCE))
          .exception(result);
    }
  }
}
