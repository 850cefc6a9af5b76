package io.github.purebpf.asm;

import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.SourceLine;

/**
 * What a program is built with; it exists only as the argument of {@link BpfCode#build}'s lambda.
 *
 * <p>One primitive, {@link #with}, appends an instruction; each mnemonic is a line over it.
 */
public sealed interface BpfBuilder
    extends AluMnemonics,
        MemoryMnemonics,
        JumpMnemonics,
        StructuredCode,
        CallCode,
        LoopCode,
        PacketCode
    permits CodeBuffer {
  @Override
  BpfBuilder with(Insn insn);

  /**
   * Says where the following instructions of this function come from, for front ends whose source
   * is no Java code; without it each comes from the Java line that appended it.
   */
  BpfBuilder sourceLine(SourceLine line);

  /**
   * Whether the next instruction can be reached: false behind an exit or a jump, until a label is
   * bound. The kernel refuses a program with unreachable instructions.
   */
  boolean reachable();
}
