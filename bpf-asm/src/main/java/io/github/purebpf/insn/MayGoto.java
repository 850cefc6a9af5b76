package io.github.purebpf.insn;

import java.util.Objects;

/**
 * {@code BPF_JCOND}: a branch that the kernel decides, so that a loop ends: {@code may_goto pc+3}.
 * Linux 6.9.
 *
 * @param kind which of the two
 * @param offset slots from the next instruction, -32768 to 32767
 */
public record MayGoto(Kind kind, int offset) implements Insn {
  /** The source register field of the instruction. */
  public enum Kind {
    /** {@code may_goto}: taken when the program has looped for too long. */
    MAY_GOTO(0),
    /** {@code goto_or_nop}: a name reserved by the kernel, which takes it in no version yet. */
    GOTO_OR_NOP(1);

    private final int src;

    Kind(int src) {
      this.src = src;
    }

    int src() {
      return src;
    }
  }

  /** Refuses an offset beyond 16 bits. */
  public MayGoto {
    Objects.requireNonNull(kind, "kind");
    Jump.check("may_goto", offset);
  }
}
