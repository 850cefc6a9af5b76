package io.github.purebpf.text;

import io.github.purebpf.insn.Insn;

/** Prints single instructions in one dialect. */
interface InsnPrinter {
  /**
   * One instruction.
   *
   * @param target the label or function that it refers to, or null to print its offset; only of
   *     instructions that have an offset to one
   */
  String print(Insn insn, String target);

  static InsnPrinter of(Dialect dialect) {
    return switch (dialect) {
      case KERNEL -> KernelPrinter.ROUND_TRIP;
      case LLVM -> LlvmPrinter.INSTANCE;
    };
  }
}
