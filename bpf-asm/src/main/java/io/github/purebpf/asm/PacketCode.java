package io.github.purebpf.asm;

import io.github.purebpf.insn.AsmException;
import io.github.purebpf.insn.Cond;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.Width;
import java.util.function.Consumer;

/** Level 2: direct packet access in XDP and tc programs. */
public sealed interface PacketCode permits BpfBuilder {
  /**
   * Runs the block if the packet has at least some bytes, which then may be read and written.
   *
   * <p>Stands for {@code mov(scratch, data).add(scratch, bytes)} and a branch over the block if
   * scratch is greater than the end.
   *
   * @param data the register that holds the packet's start, read from the context's {@code data}
   * @param dataEnd the register that holds its end, read from {@code data_end}
   * @param scratch a register that is overwritten
   * @param bytes how many bytes from data, 0 to 65535
   */
  default BpfBuilder ifPacketHas(
      Reg data, Reg dataEnd, Reg scratch, int bytes, Consumer<? super BpfBuilder> block) {
    if (bytes < 0 || bytes > 0xffff) {
      throw new AsmException(bytes + " bytes of packet are outside 0 to 65535");
    }
    if (scratch == data || scratch == dataEnd) {
      throw new AsmException("scratch " + scratch + " is one of the packet's pointers");
    }
    return self()
        .mov(scratch, data)
        .add(scratch, bytes)
        .ifThen(Width.W64, scratch, Cond.ULE, dataEnd, block);
  }

  private BpfBuilder self() {
    return (BpfBuilder) this;
  }
}
