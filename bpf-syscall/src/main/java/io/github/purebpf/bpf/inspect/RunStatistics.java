package io.github.purebpf.bpf.inspect;

import io.github.purebpf.bpf.internal.query.ObjectInfo;
import io.github.purebpf.bpf.internal.sys.BpfProgInfo;
import java.time.Duration;
import java.util.Objects;

/**
 * How often a program has run, and for how long. The kernel counts while statistics are enabled
 * ({@code kernel.bpf_stats_enabled}, or {@code BPF_ENABLE_STATS}); recursion misses it always
 * counts.
 *
 * @param runs how often; Linux 5.1
 * @param time how long all these took together; Linux 5.1
 * @param recursionMisses how often it was not run because it was running on that CPU already; Linux
 *     5.12
 */
public record RunStatistics(long runs, Duration time, long recursionMisses) {
  /** Refuses null. */
  public RunStatistics {
    Objects.requireNonNull(time, "time");
  }

  static RunStatistics of(ObjectInfo info) {
    return new RunStatistics(
        info.u64(BpfProgInfo.RUN_CNT),
        Duration.ofNanos(info.u64(BpfProgInfo.RUN_TIME_NS)),
        info.u64(BpfProgInfo.RECURSION_MISSES));
  }
}
