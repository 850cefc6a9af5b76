package io.github.purebpf.bpf;

import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import java.lang.foreign.Arena;
import java.util.EnumSet;

/**
 * Has the kernel count and time the runs of all programs, which slows each run by some 20
 * nanoseconds. It counts as long as any process holds one of these, or the sysctl {@code
 * kernel.bpf_stats_enabled} is on.
 */
public final class RunStatistics implements AutoCloseable {
  /** {@code BPF_STATS_RUN_TIME}, the only kind there is. */
  private static final int RUN_TIME = 0;

  private final Fd fd;

  private RunStatistics(Fd fd) {
    this.fd = fd;
  }

  /**
   * Begins to count, until it is closed ({@code BPF_ENABLE_STATS}, Linux 5.8); {@link
   * BpfProgram#statistics} shows the figures.
   *
   * @throws MissingPrivilegeException without CAP_SYS_ADMIN
   * @throws UnsupportedKernelException before Linux 5.8
   */
  public static RunStatistics enable() {
    return enable(Kernel.running());
  }

  static RunStatistics enable(Kernel kernel) {
    try (var arena = Arena.ofConfined()) {
      var attr =
          BpfAttr.allocate(arena, Attr.EnableStats.SIZE).u32(Attr.EnableStats.TYPE, RUN_TIME);
      int result = Fd.offStandardStreams(kernel, kernel.bpf(Cmd.ENABLE_STATS, attr));
      if (result < 0) {
        throw Failure.of(kernel, Cmd.ENABLE_STATS, "run statistics")
            .needs(EnumSet.of(Capability.CAP_SYS_ADMIN))
            .exception(result);
      }
      return new RunStatistics(new Fd(kernel, result, "run statistics"));
    }
  }

  /** Ends the counting, unless others go on with it. */
  @Override
  public void close() {
    fd.close();
  }
}
