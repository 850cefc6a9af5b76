package io.github.purebpf.text;

import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.InsnEncoder;
import io.github.purebpf.insn.Kfunc;
import io.github.purebpf.insn.KfuncCall;
import io.github.purebpf.insn.LoadImm64;

/** The opcode that a listing shows. */
final class Opcode {
  static final int LDDW = 0x18;
  private static final int CALL = 0x85;

  private Opcode() {}

  /** Also of what still refers to a name and cannot be encoded. */
  static int of(Insn insn) {
    return switch (insn) {
      case LoadImm64 _ -> LDDW;
      case KfuncCall(Kfunc.Named _) -> CALL;
      default -> InsnEncoder.slot(insn).opcode();
    };
  }
}
