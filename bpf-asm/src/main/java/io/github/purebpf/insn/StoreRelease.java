package io.github.purebpf.insn;

import java.util.Objects;

/**
 * A write with release ordering, {@code BPF_STORE_REL}: {@code store_release((u16 *)(r10 -8), r1)}.
 * Linux 6.15.
 *
 * @param size how many bytes
 * @param mem where
 * @param src the register stored
 */
public record StoreRelease(MemSize size, Mem mem, Reg src) implements Insn {
  /** Refuses null. */
  public StoreRelease {
    Objects.requireNonNull(size, "size");
    Objects.requireNonNull(mem, "mem");
    Objects.requireNonNull(src, "src");
  }
}
