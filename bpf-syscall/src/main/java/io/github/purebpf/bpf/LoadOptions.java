package io.github.purebpf.bpf;

import io.github.purebpf.bpf.error.KernelErrorException;
import java.util.Objects;
import java.util.Optional;

/**
 * How a program is loaded, beside what it is: what the verifier tells, the device that it is for,
 * and the privileges that it is loaded with.
 *
 * @param log what the verifier writes about a program that it accepts, see {@link BpfProgram#log};
 *     a rejection always has its log
 * @param largestLog the most bytes of log that are kept, 128 to 1,073,741,823; before Linux 5.2 the
 *     kernel gives no more than 16,777,215
 * @param interfaceIndex the network interface that the program is bound to, whose driver checks it;
 *     0 for none ({@code prog_ifindex}, Linux 4.15; with {@code BPF_F_XDP_DEV_BOUND_ONLY} 6.3)
 * @param token delegated privileges that it and its type information are loaded with; empty for
 *     those of this thread ({@code BPF_F_TOKEN_FD}, Linux 6.9)
 */
public record LoadOptions(
    LogLevel log, int largestLog, int interfaceIndex, Optional<BpfToken> token) {
  /** What the verifier writes. */
  public enum LogLevel {
    /** Nothing, which costs nothing. */
    NONE(0),
    /** Each instruction that it comes to on the last path ({@code BPF_LOG_LEVEL1}). */
    LEVEL1(1),
    /** Each instruction on all paths, with the state behind it ({@code BPF_LOG_LEVEL2}). */
    LEVEL2(2),
    /** How much work it was ({@code BPF_LOG_STATS}, Linux 5.2). */
    STATS(4);

    private final int bits;

    LogLevel(int bits) {
      this.bits = bits;
    }

    int bits() {
      return bits;
    }
  }

  /** No log of what is accepted, 256 MiB of log of a rejection, no interface, no token. */
  public static final LoadOptions DEFAULT =
      new LoadOptions(LogLevel.NONE, 256 << 20, 0, Optional.empty());

  /** The largest that {@code log_size} may be, since Linux 5.2. */
  private static final int LIMIT = Integer.MAX_VALUE / 2;

  /** Refuses what no kernel takes. */
  public LoadOptions {
    Objects.requireNonNull(log, "log");
    Objects.requireNonNull(token, "token");
    if (largestLog < 128 || largestLog > LIMIT) {
      throw new IllegalArgumentException(
          "a log of at most %d bytes: the kernel takes 128 to %d".formatted(largestLog, LIMIT));
    }
    if (interfaceIndex < 0) {
      throw new IllegalArgumentException("no interface has the index " + interfaceIndex);
    }
  }

  /** The same with another log of what is accepted. */
  public LoadOptions withLog(LogLevel level) {
    return new LoadOptions(level, largestLog, interfaceIndex, token);
  }

  /** The same with another limit for the log. */
  public LoadOptions withLargestLog(int bytes) {
    return new LoadOptions(log, bytes, interfaceIndex, token);
  }

  /** The same for a network interface. */
  public LoadOptions withInterface(int index) {
    return new LoadOptions(log, largestLog, index, token);
  }

  /**
   * The same with delegated privileges. A load that they do not allow fails with EPERM, as a {@link
   * KernelErrorException}.
   */
  public LoadOptions withToken(BpfToken newToken) {
    return new LoadOptions(log, largestLog, interfaceIndex, Optional.of(newToken));
  }
}
