package io.github.purebpf.tool;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.btf.CName;
import io.github.purebpf.insn.Slot;
import io.github.purebpf.text.KernelText;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes a program as an array in C. The members of {@code struct bpf_insn} are what they are on a
 * machine of either byte order, so one text serves both.
 */
final class CArray {
  private CArray() {}

  /**
   * The definition of an array.
   *
   * @param name what it is called, as far as C takes it
   * @param code the bytes, little endian
   */
  static String of(String name, byte[] code) {
    var slots = ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN);
    var out = new StringBuilder();
    out.append("static const struct bpf_insn ").append(CName.of(name)).append("[] = {\n");
    int number = 0;
    for (var insn : BpfCode.decode(code, ByteOrder.LITTLE_ENDIAN).insns()) {
      out.append(slot(Slot.read(slots)));
      out.append(" /* ").append(number).append(": ").append(KernelText.print(insn)).append(" */\n");
      if (insn.slots() == 2) {
        out.append(slot(Slot.read(slots))).append('\n');
      }
      number += insn.slots();
    }
    return out.append("};\n").toString();
  }

  private static String slot(Slot slot) {
    return "\t{ .code = 0x%02x, .dst_reg = %d, .src_reg = %d, .off = %d, .imm = %s },"
        .formatted(slot.opcode(), slot.dst(), slot.src(), slot.offset(), imm(slot.imm()));
  }

  /** C has no negative constants: -2147483648 would be the negation of what is no int. */
  private static String imm(int imm) {
    return imm == Integer.MIN_VALUE ? "-2147483647 - 1" : Integer.toString(imm);
  }
}
