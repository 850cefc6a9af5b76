package io.github.purebpf.insn;

import java.util.Objects;

/**
 * A write to memory, {@code BPF_STX} of a register or {@code BPF_ST} of a constant: {@code *(u32
 * *)(r10 -4) = r1}.
 *
 * @param size how many bytes
 * @param mem where
 * @param src what; a constant is sign-extended to eight bytes, or loses its upper bits to one or
 *     two, so those must be the sign or zero
 */
public record Store(MemSize size, Mem mem, Src src) implements Insn {
  /** Refuses a constant that does not fit a store of one or two bytes. */
  public Store {
    Objects.requireNonNull(mem, "mem");
    Objects.requireNonNull(src, "src");
    if (src instanceof Imm(int value) && size.bytes() < 4) {
      int bits = size.bytes() * 8;
      if (value < -(1 << (bits - 1)) || value >= 1 << bits) {
        throw new AsmException(value + " does not fit a store of " + size.bytes() + " bytes");
      }
    }
  }
}
