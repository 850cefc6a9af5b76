package io.github.purebpf.asm;

import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.SourceLine;

/** One thing that a builder's lambda appended, before jumps have their offsets. */
sealed interface Element {
  /**
   * An instruction.
   *
   * @param target where it jumps or what it calls, or null if its operands are final
   * @param line the line that appended it, or null if unknown
   */
  record Placed(Insn insn, Target target, SourceLine line) implements Element {}

  /** A label, or the start of a function, in front of the next instruction. */
  record Binding(Target target) implements Element {}
}
