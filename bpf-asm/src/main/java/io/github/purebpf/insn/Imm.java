package io.github.purebpf.insn;

/**
 * A 32-bit constant operand. 64-bit instructions sign-extend it.
 *
 * @param value the constant
 */
public record Imm(int value) implements Src {
  @Override
  public String toString() {
    return Integer.toString(value);
  }
}
