package io.github.purebpf.insn;

import java.util.Objects;

/**
 * Negation, {@code BPF_NEG}: {@code r1 = -r1}.
 *
 * @param width how much of the register it works on
 * @param dst the register
 */
public record Neg(Width width, Reg dst) implements Insn {
  /** Refuses r10. */
  public Neg {
    Objects.requireNonNull(width, "width");
    dst.writable("neg");
  }
}
