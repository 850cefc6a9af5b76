package io.github.purebpf.insn;

import java.util.Objects;

/**
 * A 64-bit constant into a register, {@code lddw}, the one instruction of two slots: {@code r1 =
 * 0x1122334455667788}, or the address of a map.
 *
 * @param dst the register written
 * @param value the constant, or what the kernel turns into one
 */
public record LoadImm64(Reg dst, Imm64 value) implements Insn {
  /** Refuses r10. */
  public LoadImm64 {
    Objects.requireNonNull(value, "value");
    dst.writable("lddw");
  }
}
