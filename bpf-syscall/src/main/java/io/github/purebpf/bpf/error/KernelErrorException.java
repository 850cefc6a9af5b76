package io.github.purebpf.bpf.error;

/**
 * Any other refusal: see {@link #errnoName}; the message says what it means for the call, where
 * that is known.
 */
public final class KernelErrorException extends BpfException {
  private static final long serialVersionUID = 1L;

  /**
   * A refusal.
   *
   * @param message one line: what failed, why, and the remedy where one is known
   * @param command the call, as the kernel spells it
   * @param errno positive
   */
  public KernelErrorException(String message, String command, int errno) {
    super(message, command, errno);
  }
}
