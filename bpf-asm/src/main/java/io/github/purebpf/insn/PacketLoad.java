package io.github.purebpf.insn;

import java.util.Objects;
import java.util.Optional;

/**
 * A read from the packet of a socket buffer in network order into r0, {@code BPF_LD_ABS} or {@code
 * BPF_LD_IND}: {@code r0 = *(u32 *)skb[4]}. Needs the context in r6, destroys r1 to r5, and ends
 * the program beyond the packet's end.
 *
 * @param size B, H or W
 * @param index the register added to the offset, if there is one
 * @param offset bytes into the packet
 */
public record PacketLoad(MemSize size, Optional<Reg> index, int offset) implements Insn {
  /** Refuses eight bytes. */
  public PacketLoad {
    Objects.requireNonNull(index, "index");
    if (size == MemSize.DW) {
      throw new AsmException("a packet load takes 1, 2 or 4 bytes, not 8");
    }
    Objects.requireNonNull(size, "size");
  }
}
