package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.sys.BpfProgInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What the kernel counts about a program. Runs and their time are counted only while statistics are
 * on, see {@link RunStatistics}; each figure is 0 on a kernel that is older than it.
 *
 * @param runs how often it ran ({@code run_cnt}, Linux 5.1); runs on request count, too
 * @param nanos how long these runs took together, in nanoseconds ({@code run_time_ns}, Linux 5.1)
 * @param recursionMisses how often a tracing program did not run because it was running already
 *     ({@code recursion_misses}, Linux 5.12)
 * @param verifiedInsns how many instructions the verifier went through ({@code verified_insns},
 *     Linux 5.16)
 */
public record ProgramStatistics(long runs, long nanos, long recursionMisses, int verifiedInsns) {
  static final int INFO_SIZE = BpfProgInfo.VERIFIED_INSNS + Integer.BYTES;

  static ProgramStatistics of(MemorySegment info) {
    return new ProgramStatistics(
        info.get(ValueLayout.JAVA_LONG, BpfProgInfo.RUN_CNT),
        info.get(ValueLayout.JAVA_LONG, BpfProgInfo.RUN_TIME_NS),
        info.get(ValueLayout.JAVA_LONG, BpfProgInfo.RECURSION_MISSES),
        info.get(ValueLayout.JAVA_INT, BpfProgInfo.VERIFIED_INSNS));
  }

  /** The mean time of a run in nanoseconds; 0 if there was none. */
  public long meanNanos() {
    return runs == 0 ? 0 : nanos / runs;
  }
}
