package io.github.purebpf.insn;

import java.util.Objects;

/**
 * A slot that is none of the other instructions: an unknown opcode, or reserved fields in use. It
 * survives decoding and encoding unchanged.
 *
 * @param slot the eight bytes
 */
public record RawInsn(Slot slot) implements Insn {
  /** Refuses null. */
  public RawInsn {
    Objects.requireNonNull(slot, "slot");
  }
}
