package io.github.purebpf.insn;

import java.util.Objects;

/**
 * A read with acquire ordering, {@code BPF_LOAD_ACQ}: {@code r1 = load_acquire((u8 *)(r2 +0))}.
 * Linux 6.15.
 *
 * @param size how many bytes
 * @param dst the register written
 * @param mem where
 */
public record LoadAcquire(MemSize size, Reg dst, Mem mem) implements Insn {
  /** Refuses r10 as destination. */
  public LoadAcquire {
    Objects.requireNonNull(size, "size");
    Objects.requireNonNull(mem, "mem");
    dst.writable("load_acquire");
  }
}
