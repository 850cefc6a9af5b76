package io.github.purebpf.insn;

/** Something in memory that an instruction can address: a base register and an offset. */
public sealed interface MemOperand permits Mem, FieldRef, StructRef {
  /** The bare base and offset, as the instruction encodes it. */
  Mem mem();

  /**
   * The operand of a read of this size.
   *
   * @throws AsmException if the kernel does not let a program read it in this size
   */
  default Mem forRead(MemSize size) {
    return mem();
  }

  /**
   * The operand of a write of this size.
   *
   * @throws AsmException if the kernel does not let a program write it in this size
   */
  default Mem forWrite(MemSize size) {
    return mem();
  }
}
