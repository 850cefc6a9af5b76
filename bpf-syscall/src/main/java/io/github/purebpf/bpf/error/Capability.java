package io.github.purebpf.bpf.error;

/** The capabilities that bpf(2) and what goes with it ask for; see {@code capabilities(7)}. */
public enum Capability {
  /** {@code CAP_NET_ADMIN}: programs that see or change network traffic. */
  CAP_NET_ADMIN(12),
  /** {@code CAP_SYS_ADMIN}: mounts, objects by id; it stands in for all others of bpf(2). */
  CAP_SYS_ADMIN(21),
  /**
   * {@code CAP_SYS_RESOURCE}: raising {@code RLIMIT_MEMLOCK}, which limited maps and programs
   * before Linux 5.11.
   */
  CAP_SYS_RESOURCE(24),
  /** {@code CAP_PERFMON}: programs that observe the kernel; Linux 5.8. */
  CAP_PERFMON(38),
  /** {@code CAP_BPF}: maps and programs at all; Linux 5.8, before which it was CAP_SYS_ADMIN. */
  CAP_BPF(39);

  private final int bit;

  Capability(int bit) {
    this.bit = bit;
  }

  /** Whether a set of capabilities serves where this one is asked for, maybe by CAP_SYS_ADMIN. */
  public boolean in(long capabilities) {
    return isSetIn(capabilities)
        || (this != CAP_SYS_RESOURCE && CAP_SYS_ADMIN.isSetIn(capabilities));
  }

  /** Whether a set of capabilities, a bit for each, has this very one. */
  public boolean isSetIn(long capabilities) {
    return (capabilities & (1L << bit)) != 0;
  }
}
