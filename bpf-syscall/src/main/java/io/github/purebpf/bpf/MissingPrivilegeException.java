package io.github.purebpf.bpf;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** EPERM, and the calling thread does lack a capability that the call needs. */
public final class MissingPrivilegeException extends BpfException {
  private static final long serialVersionUID = 1L;

  private final EnumSet<Capability> needed;

  MissingPrivilegeException(String message, String command, int errno, Set<Capability> needed) {
    super(message, command, errno);
    this.needed = EnumSet.copyOf(needed);
  }

  /** All capabilities that the call needs, those included that the thread has. */
  public Set<Capability> needed() {
    return Collections.unmodifiableSet(needed);
  }
}
