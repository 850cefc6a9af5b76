package io.github.purebpf.bpf.error;

import io.github.purebpf.insn.KernelVersion;

/** The running kernel is older than the feature that was asked for. */
public final class UnsupportedKernelException extends BpfException {
  private static final long serialVersionUID = 1L;

  private final String feature;
  private final int major;
  private final int minor;

  /**
   * A refusal.
   *
   * @param message one line: what failed, why, and the remedy where one is known
   * @param command the call, as the kernel spells it
   * @param errno positive
   * @param feature what is missing, as the kernel spells it
   * @param since the first release that has it
   */
  public UnsupportedKernelException(
      String message, String command, int errno, String feature, KernelVersion since) {
    super(message, command, errno);
    this.feature = feature;
    this.major = since.major();
    this.minor = since.minor();
  }

  /** What is missing, as the kernel spells it: {@code BPF_LINK_CREATE}. */
  public String feature() {
    return feature;
  }

  /** The first release of Linux that has it. */
  public KernelVersion since() {
    return new KernelVersion(major, minor);
  }
}
