package io.github.purebpf.insn;

import java.util.Objects;

/**
 * An atomic read-modify-write, {@code BPF_ATOMIC}: {@code lock *(u64 *)(r1 +0) += r2}.
 *
 * @param op the operation
 * @param size W or DW
 * @param mem where
 * @param src the operand; the fetching operations put the old value into it
 */
public record Atomic(AtomicOp op, MemSize size, Mem mem, Reg src) implements Insn {
  /** Refuses sizes of one and two bytes, and r10 where the old value would go into it. */
  public Atomic {
    Objects.requireNonNull(mem, "mem");
    Objects.requireNonNull(src, "src");
    if (size.bytes() < 4) {
      throw new AsmException("atomic " + op + " of " + size.bytes() + " bytes; there are 4 and 8");
    }
    if (op.fetchesIntoSource()) {
      src.writable("atomic " + op);
    }
  }
}
