package io.github.purebpf.bpf;

/**
 * Any other refusal: see {@link #errnoName}; the message says what it means for the call, where
 * that is known.
 */
public final class KernelErrorException extends BpfException {
  private static final long serialVersionUID = 1L;

  KernelErrorException(String message, String command, int errno) {
    super(message, command, errno);
  }
}
