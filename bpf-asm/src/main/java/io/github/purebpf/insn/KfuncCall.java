package io.github.purebpf.insn;

import java.util.Objects;

/**
 * A call of a kernel function, {@code BPF_PSEUDO_KFUNC_CALL}. Linux 5.13.
 *
 * @param target the function
 */
public record KfuncCall(Kfunc target) implements Insn {
  /** Refuses null. */
  public KfuncCall {
    Objects.requireNonNull(target, "target");
  }
}
