package io.github.purebpf.insn;

/**
 * An unconditional jump, {@code BPF_JA}: {@code goto pc+3}.
 *
 * @param offset slots from the next instruction, -32768 to 32767
 */
public record Jump(int offset) implements Insn {
  /** Refuses an offset beyond 16 bits. */
  public Jump {
    check("goto", offset);
  }

  static void check(String insn, int offset) {
    if (offset != (short) offset) {
      throw new AsmException(insn + " by " + offset + " slots is beyond 16 bits");
    }
  }
}
