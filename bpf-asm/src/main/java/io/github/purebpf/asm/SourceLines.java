package io.github.purebpf.asm;

/** Whether a builder looks up the Java line of each instruction. */
public enum SourceLines {
  /**
   * Each instruction knows its line, which costs a look at the stack, about a microsecond. The
   * verifier's log and bpftool show it.
   */
  CAPTURED,
  /**
   * No line is looked up; those that {@link BpfBuilder#sourceLine} gives are kept, and an {@link
   * io.github.purebpf.insn.AsmException} still names its line.
   */
  OMITTED
}
