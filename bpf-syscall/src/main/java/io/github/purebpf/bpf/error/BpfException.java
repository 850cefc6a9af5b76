package io.github.purebpf.bpf.error;

import io.github.purebpf.bpf.internal.sys.Errno;

/**
 * A system call that the kernel refused. Its kinds are the decisions that a caller can make: get
 * the privilege, get the kernel, correct the program, or look at the errno.
 *
 * <p>What is part of normal use is no exception: a missing key is an empty result.
 */
public abstract sealed class BpfException extends RuntimeException
    permits MissingPrivilegeException,
        UnsupportedKernelException,
        VerifierException,
        KernelErrorException {
  private static final long serialVersionUID = 1L;

  private final String command;
  private final int errno;

  BpfException(String message, String command, int errno) {
    super(message);
    this.command = command;
    this.errno = errno;
  }

  /** The call that failed, as the kernel spells it: {@code BPF_MAP_CREATE}, {@code fsopen}. */
  public String command() {
    return command;
  }

  /** The error number that it failed with. */
  public int errno() {
    return errno;
  }

  /** The name of {@link #errno} in C, such as {@code EPERM}. */
  public String errnoName() {
    return Errno.name(errno);
  }
}
