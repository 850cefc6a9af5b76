package io.github.purebpf.insn;

import java.util.Objects;

/**
 * A conditional jump, {@code BPF_JMP} or {@code BPF_JMP32} (Linux 5.1): {@code if r1 s> 5 goto
 * pc+3}.
 *
 * @param width how much of the operands it compares
 * @param cond the condition
 * @param dst the first operand
 * @param src the second operand; a constant is sign-extended to 64 bits
 * @param offset slots from the next instruction, -32768 to 32767
 */
public record Branch(Width width, Cond cond, Reg dst, Src src, int offset) implements Insn {
  /** Refuses an offset beyond 16 bits. */
  public Branch {
    Objects.requireNonNull(width, "width");
    Objects.requireNonNull(cond, "cond");
    Objects.requireNonNull(dst, "dst");
    Objects.requireNonNull(src, "src");
    Jump.check("a branch", offset);
  }
}
