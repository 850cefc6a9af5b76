package io.github.purebpf.insn;

/**
 * How much of a register an operation works on: the {@code ALU}/{@code JMP32} or the {@code
 * ALU64}/{@code JMP} classes.
 */
public enum Width {
  /** The low 32 bits; arithmetic clears the upper 32 bits of its destination. */
  W32(32),
  /** The whole register. */
  W64(64);

  private final int bits;

  Width(int bits) {
    this.bits = bits;
  }

  /** 32 or 64. */
  public int bits() {
    return bits;
  }
}
