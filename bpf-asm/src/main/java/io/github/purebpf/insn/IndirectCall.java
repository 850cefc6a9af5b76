package io.github.purebpf.insn;

import java.util.Objects;

/**
 * A call through a register, {@code callx r1}. In the instruction set; no kernel takes it yet.
 *
 * @param target the register that holds the address
 */
public record IndirectCall(Reg target) implements Insn {
  /** Refuses null. */
  public IndirectCall {
    Objects.requireNonNull(target, "target");
  }
}
