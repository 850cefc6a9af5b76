package io.github.purebpf.insn;

import java.util.Objects;

/**
 * A read from memory, {@code BPF_LDX}: {@code r1 = *(u32 *)(r6 +4)}.
 *
 * @param size how many bytes
 * @param signed whether it sign-extends ({@code BPF_MEMSX}, Linux 6.6) or fills with zeros
 * @param dst the register written
 * @param mem where
 */
public record Load(MemSize size, boolean signed, Reg dst, Mem mem) implements Insn {
  /** Refuses r10 as destination and a sign-extension of eight bytes. */
  public Load {
    Objects.requireNonNull(mem, "mem");
    dst.writable("a load");
    if (signed && size == MemSize.DW) {
      throw new AsmException("a load of eight bytes has nothing to sign-extend");
    }
    Objects.requireNonNull(size, "size");
  }
}
