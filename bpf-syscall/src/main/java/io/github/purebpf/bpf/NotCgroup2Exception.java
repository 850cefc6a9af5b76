package io.github.purebpf.bpf;

/**
 * A path that programs cannot be attached to, because it is no directory of a cgroup2 file system.
 */
public final class NotCgroup2Exception extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  NotCgroup2Exception(String message) {
    super(message);
  }
}
