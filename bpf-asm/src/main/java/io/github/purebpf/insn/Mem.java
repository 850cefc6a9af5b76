package io.github.purebpf.insn;

import java.util.Objects;

/**
 * The memory at a base register plus an offset.
 *
 * @param base the register that holds the address
 * @param offset bytes, -32768 to 32767
 */
public record Mem(Reg base, int offset) implements MemOperand {
  /** Refuses an offset that does not fit the instruction's 16 bits. */
  public Mem {
    Objects.requireNonNull(base, "base");
    if (offset != (short) offset) {
      throw new AsmException(
          "offset " + offset + " from " + base + " does not fit 16 bits; add it to the register");
    }
  }

  @Override
  public Mem mem() {
    return this;
  }

  @Override
  public String toString() {
    return "(" + base + (offset < 0 ? " " : " +") + offset + ")";
  }
}
