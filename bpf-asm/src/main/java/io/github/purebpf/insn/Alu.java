package io.github.purebpf.insn;

import java.util.Objects;

/**
 * Two-operand arithmetic, {@code BPF_ALU} or {@code BPF_ALU64}: {@code r1 += r2}, {@code w1 = 5}.
 *
 * @param width how much of the registers it works on
 * @param op the operation
 * @param dst the register that it reads and writes
 * @param src the other operand; a constant is sign-extended to 64 bits
 */
public record Alu(Width width, AluOp op, Reg dst, Src src) implements Insn {
  /** Refuses r10 as destination, division by the constant zero and shifts beyond the width. */
  public Alu {
    Objects.requireNonNull(width, "width");
    Objects.requireNonNull(src, "src");
    dst.writable(op.symbol());
    if (src instanceof Imm(int value)) {
      if (op.isDivision() && value == 0) {
        throw new AsmException("division by the constant zero");
      }
      if (op.isShift() && (value < 0 || value >= width.bits())) {
        throw new AsmException(
            "shift by " + value + " is outside 0 to " + (width.bits() - 1) + " for " + width);
      }
    }
  }
}
