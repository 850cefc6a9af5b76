package io.github.purebpf.bpf.error;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** EPERM, and the calling thread does lack a capability that the call needs. */
public final class MissingPrivilegeException extends BpfException {
  private static final long serialVersionUID = 1L;

  private final EnumSet<Capability> needed;

  /**
   * A refusal.
   *
   * @param message one line: what failed, why, and the remedy where one is known
   * @param command the call, as the kernel spells it
   * @param errno positive
   * @param needed all that the call needs
   */
  public MissingPrivilegeException(
      String message, String command, int errno, Set<Capability> needed) {
    super(message, command, errno);
    this.needed = EnumSet.copyOf(needed);
  }

  /** All capabilities that the call needs, those included that the thread has. */
  public Set<Capability> needed() {
    return Collections.unmodifiableSet(needed);
  }
}
