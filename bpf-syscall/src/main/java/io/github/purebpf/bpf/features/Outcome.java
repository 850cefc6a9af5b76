package io.github.purebpf.bpf.features;

import io.github.purebpf.bpf.error.Capability;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/** What trying a feature came to. */
public sealed interface Outcome {
  /** The kernel has it and this thread may use it. */
  record Available() implements Outcome {
    @Override
    public String toString() {
      return "available";
    }
  }

  /**
   * The kernel does not have it.
   *
   * @param reason in words, such as {@code needs Linux 6.6}
   */
  record Missing(String reason) implements Outcome {
    /** Refuses null. */
    public Missing {
      Objects.requireNonNull(reason, "reason");
    }

    @Override
    public String toString() {
      return "missing: " + reason;
    }
  }

  /**
   * Nobody knows whether the kernel has it, because it was refused for who asks (EPERM).
   *
   * @param needs the capabilities without which it is refused; empty if they are all there, so that
   *     it is the policy of this kernel: a security module, lockdown, seccomp or hardening
   * @param reason in words
   */
  record Forbidden(Set<Capability> needs, String reason) implements Outcome {
    /** Refuses nulls and copies the set. */
    public Forbidden {
      Objects.requireNonNull(reason, "reason");
      var copy = EnumSet.noneOf(Capability.class);
      copy.addAll(needs);
      needs = Collections.unmodifiableSet(copy);
    }

    @Override
    public String toString() {
      return "forbidden: " + reason;
    }
  }

  /**
   * Trying said nothing.
   *
   * @param reason in words, with the name of the errno if there was one
   */
  record Unknown(String reason) implements Outcome {
    /** Refuses null. */
    public Unknown {
      Objects.requireNonNull(reason, "reason");
    }

    @Override
    public String toString() {
      return "unknown: " + reason;
    }
  }

  /** Whether it can be used. */
  default boolean isAvailable() {
    return this instanceof Available;
  }

  /**
   * Whether it holds for as long as this kernel runs. A refusal for lack of privilege and a failure
   * of the attempt do not: another thread, or the same one later, may see something else.
   */
  default boolean isConclusive() {
    return this instanceof Available || this instanceof Missing;
  }
}
