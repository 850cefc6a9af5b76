package io.github.purebpf.insn;

import java.util.Objects;

/**
 * A jump through a register, {@code gotox r1}. Linux 6.19.
 *
 * @param target the register that holds the address, loaded from an instruction array
 */
public record IndirectJump(Reg target) implements Insn {
  /** Refuses null. */
  public IndirectJump {
    Objects.requireNonNull(target, "target");
  }
}
