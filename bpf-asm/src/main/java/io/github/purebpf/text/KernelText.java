package io.github.purebpf.text;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.insn.Insn;

/**
 * Instructions exactly as the verifier's log and bpftool list them, number and opcode in front.
 * {@link AsmText#print} prints the same dialect with labels and without the numbers.
 */
public final class KernelText {
  private KernelText() {}

  /**
   * A program, one instruction a line: the number of its first slot, the opcode in hexadecimal, the
   * text. {@link AsmText#parse} reads it back.
   *
   * <pre>{@code
   * 0: (bf) r6 = r1
   * 1: (18) r1 = map[services]
   * 3: (95) exit
   * }</pre>
   */
  public static String listing(BpfCode code) {
    var out = new StringBuilder();
    int slot = 0;
    for (var insn : code.insns()) {
      int opcode = Opcode.of(insn);
      out.append(" ".repeat(slot < 10 ? 2 : slot < 100 ? 1 : 0))
          .append(slot)
          .append(opcode < 16 ? ": (0" : ": (")
          .append(Integer.toHexString(opcode))
          .append(") ")
          .append(print(insn))
          .append('\n');
      slot += insn.slots();
    }
    return out.toString();
  }

  /** One instruction, without the number and the opcode. */
  public static String print(Insn insn) {
    return KernelPrinter.LOG.print(insn, null);
  }
}
