package io.github.purebpf.asm;

import io.github.purebpf.insn.Atomic;
import io.github.purebpf.insn.AtomicOp;
import io.github.purebpf.insn.Imm;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.Load;
import io.github.purebpf.insn.LoadAcquire;
import io.github.purebpf.insn.MemOperand;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.PacketLoad;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.Store;
import io.github.purebpf.insn.StoreRelease;
import java.util.Optional;

/**
 * Level 1, memory. The suffix is the size: b, h, w and dw are 1, 2, 4 and 8 bytes, in the machine's
 * byte order. An operand that is a field refuses a size in which the kernel does not let it be
 * accessed.
 */
public sealed interface MemoryMnemonics permits BpfBuilder {
  /** Appends one instruction; every mnemonic is a line over this. */
  BpfBuilder with(Insn insn);

  /** {@code dst = *(u8 *)(mem)}. */
  default BpfBuilder ldxb(Reg dst, MemOperand mem) {
    return with(new Load(MemSize.B, false, dst, mem.forRead(MemSize.B)));
  }

  /** {@code dst = *(u16 *)(mem)}. */
  default BpfBuilder ldxh(Reg dst, MemOperand mem) {
    return with(new Load(MemSize.H, false, dst, mem.forRead(MemSize.H)));
  }

  /** {@code dst = *(u32 *)(mem)}. */
  default BpfBuilder ldxw(Reg dst, MemOperand mem) {
    return with(new Load(MemSize.W, false, dst, mem.forRead(MemSize.W)));
  }

  /** {@code dst = *(u64 *)(mem)}. */
  default BpfBuilder ldxdw(Reg dst, MemOperand mem) {
    return with(new Load(MemSize.DW, false, dst, mem.forRead(MemSize.DW)));
  }

  /** {@code dst = *(s8 *)(mem)}, sign-extended; Linux 6.6. */
  default BpfBuilder ldxsb(Reg dst, MemOperand mem) {
    return with(new Load(MemSize.B, true, dst, mem.forRead(MemSize.B)));
  }

  /** {@code dst = *(s16 *)(mem)}, sign-extended; Linux 6.6. */
  default BpfBuilder ldxsh(Reg dst, MemOperand mem) {
    return with(new Load(MemSize.H, true, dst, mem.forRead(MemSize.H)));
  }

  /** {@code dst = *(s32 *)(mem)}, sign-extended; Linux 6.6. */
  default BpfBuilder ldxsw(Reg dst, MemOperand mem) {
    return with(new Load(MemSize.W, true, dst, mem.forRead(MemSize.W)));
  }

  /** {@code *(u8 *)(mem) = src}. */
  default BpfBuilder stxb(MemOperand mem, Reg src) {
    return with(new Store(MemSize.B, mem.forWrite(MemSize.B), src));
  }

  /** {@code *(u16 *)(mem) = src}. */
  default BpfBuilder stxh(MemOperand mem, Reg src) {
    return with(new Store(MemSize.H, mem.forWrite(MemSize.H), src));
  }

  /** {@code *(u32 *)(mem) = src}. */
  default BpfBuilder stxw(MemOperand mem, Reg src) {
    return with(new Store(MemSize.W, mem.forWrite(MemSize.W), src));
  }

  /** {@code *(u64 *)(mem) = src}. */
  default BpfBuilder stxdw(MemOperand mem, Reg src) {
    return with(new Store(MemSize.DW, mem.forWrite(MemSize.DW), src));
  }

  /** {@code *(u8 *)(mem) = imm}. */
  default BpfBuilder stb(MemOperand mem, int imm) {
    return with(new Store(MemSize.B, mem.forWrite(MemSize.B), new Imm(imm)));
  }

  /** {@code *(u16 *)(mem) = imm}. */
  default BpfBuilder sth(MemOperand mem, int imm) {
    return with(new Store(MemSize.H, mem.forWrite(MemSize.H), new Imm(imm)));
  }

  /** {@code *(u32 *)(mem) = imm}. */
  default BpfBuilder stw(MemOperand mem, int imm) {
    return with(new Store(MemSize.W, mem.forWrite(MemSize.W), new Imm(imm)));
  }

  /** {@code *(u64 *)(mem) = imm}; the constant is sign-extended. */
  default BpfBuilder stdw(MemOperand mem, int imm) {
    return with(new Store(MemSize.DW, mem.forWrite(MemSize.DW), new Imm(imm)));
  }

  /**
   * An atomic read-modify-write of 4 or 8 bytes; the fetching operations leave the old value in
   * src, CMPXCHG in r0.
   */
  default BpfBuilder atomic(AtomicOp op, MemSize size, MemOperand mem, Reg src) {
    return with(new Atomic(op, size, mem.forWrite(size), src));
  }

  /** {@code lock *(u32 *)(mem) += src}. */
  default BpfBuilder atomicAddW(MemOperand mem, Reg src) {
    return atomic(AtomicOp.ADD, MemSize.W, mem, src);
  }

  /** {@code lock *(u64 *)(mem) += src}. */
  default BpfBuilder atomicAddDw(MemOperand mem, Reg src) {
    return atomic(AtomicOp.ADD, MemSize.DW, mem, src);
  }

  /** {@code lock *(u32 *)(mem) |= src}; Linux 5.12. */
  default BpfBuilder atomicOrW(MemOperand mem, Reg src) {
    return atomic(AtomicOp.OR, MemSize.W, mem, src);
  }

  /** {@code lock *(u64 *)(mem) |= src}; Linux 5.12. */
  default BpfBuilder atomicOrDw(MemOperand mem, Reg src) {
    return atomic(AtomicOp.OR, MemSize.DW, mem, src);
  }

  /** {@code lock *(u32 *)(mem) &= src}; Linux 5.12. */
  default BpfBuilder atomicAndW(MemOperand mem, Reg src) {
    return atomic(AtomicOp.AND, MemSize.W, mem, src);
  }

  /** {@code lock *(u64 *)(mem) &= src}; Linux 5.12. */
  default BpfBuilder atomicAndDw(MemOperand mem, Reg src) {
    return atomic(AtomicOp.AND, MemSize.DW, mem, src);
  }

  /** {@code lock *(u32 *)(mem) ^= src}; Linux 5.12. */
  default BpfBuilder atomicXorW(MemOperand mem, Reg src) {
    return atomic(AtomicOp.XOR, MemSize.W, mem, src);
  }

  /** {@code lock *(u64 *)(mem) ^= src}; Linux 5.12. */
  default BpfBuilder atomicXorDw(MemOperand mem, Reg src) {
    return atomic(AtomicOp.XOR, MemSize.DW, mem, src);
  }

  /** {@code src = atomic_fetch_add((u32 *)(mem), src)}; Linux 5.12. */
  default BpfBuilder fetchAddW(MemOperand mem, Reg src) {
    return atomic(AtomicOp.FETCH_ADD, MemSize.W, mem, src);
  }

  /** {@code src = atomic_fetch_add((u64 *)(mem), src)}; Linux 5.12. */
  default BpfBuilder fetchAddDw(MemOperand mem, Reg src) {
    return atomic(AtomicOp.FETCH_ADD, MemSize.DW, mem, src);
  }

  /** {@code src = atomic_fetch_or((u32 *)(mem), src)}; Linux 5.12. */
  default BpfBuilder fetchOrW(MemOperand mem, Reg src) {
    return atomic(AtomicOp.FETCH_OR, MemSize.W, mem, src);
  }

  /** {@code src = atomic_fetch_or((u64 *)(mem), src)}; Linux 5.12. */
  default BpfBuilder fetchOrDw(MemOperand mem, Reg src) {
    return atomic(AtomicOp.FETCH_OR, MemSize.DW, mem, src);
  }

  /** {@code src = atomic_fetch_and((u32 *)(mem), src)}; Linux 5.12. */
  default BpfBuilder fetchAndW(MemOperand mem, Reg src) {
    return atomic(AtomicOp.FETCH_AND, MemSize.W, mem, src);
  }

  /** {@code src = atomic_fetch_and((u64 *)(mem), src)}; Linux 5.12. */
  default BpfBuilder fetchAndDw(MemOperand mem, Reg src) {
    return atomic(AtomicOp.FETCH_AND, MemSize.DW, mem, src);
  }

  /** {@code src = atomic_fetch_xor((u32 *)(mem), src)}; Linux 5.12. */
  default BpfBuilder fetchXorW(MemOperand mem, Reg src) {
    return atomic(AtomicOp.FETCH_XOR, MemSize.W, mem, src);
  }

  /** {@code src = atomic_fetch_xor((u64 *)(mem), src)}; Linux 5.12. */
  default BpfBuilder fetchXorDw(MemOperand mem, Reg src) {
    return atomic(AtomicOp.FETCH_XOR, MemSize.DW, mem, src);
  }

  /** {@code src = atomic_xchg((u32 *)(mem), src)}; Linux 5.12. */
  default BpfBuilder xchgW(MemOperand mem, Reg src) {
    return atomic(AtomicOp.XCHG, MemSize.W, mem, src);
  }

  /** {@code src = atomic_xchg((u64 *)(mem), src)}; Linux 5.12. */
  default BpfBuilder xchgDw(MemOperand mem, Reg src) {
    return atomic(AtomicOp.XCHG, MemSize.DW, mem, src);
  }

  /** {@code r0 = atomic_cmpxchg((u32 *)(mem), r0, src)}; Linux 5.12. */
  default BpfBuilder cmpxchgW(MemOperand mem, Reg src) {
    return atomic(AtomicOp.CMPXCHG, MemSize.W, mem, src);
  }

  /** {@code r0 = atomic_cmpxchg((u64 *)(mem), r0, src)}; Linux 5.12. */
  default BpfBuilder cmpxchgDw(MemOperand mem, Reg src) {
    return atomic(AtomicOp.CMPXCHG, MemSize.DW, mem, src);
  }

  /** {@code dst = load_acquire((T *)(mem))}; Linux 6.15. */
  default BpfBuilder loadAcquire(MemSize size, Reg dst, MemOperand mem) {
    return with(new LoadAcquire(size, dst, mem.forRead(size)));
  }

  /** {@code store_release((T *)(mem), src)}; Linux 6.15. */
  default BpfBuilder storeRelease(MemSize size, MemOperand mem, Reg src) {
    return with(new StoreRelease(size, mem.forWrite(size), src));
  }

  /** {@code r0 = *(u8 *)skb[offset]}, from network order; the context must be in r6. */
  default BpfBuilder ldabsb(int offset) {
    return with(new PacketLoad(MemSize.B, Optional.empty(), offset));
  }

  /** {@code r0 = *(u8 *)skb[index + offset]}, from network order; the context must be in r6. */
  default BpfBuilder ldindb(Reg index, int offset) {
    return with(new PacketLoad(MemSize.B, Optional.of(index), offset));
  }

  /** {@code r0 = *(u16 *)skb[offset]}, from network order; the context must be in r6. */
  default BpfBuilder ldabsh(int offset) {
    return with(new PacketLoad(MemSize.H, Optional.empty(), offset));
  }

  /** {@code r0 = *(u16 *)skb[index + offset]}, from network order; the context must be in r6. */
  default BpfBuilder ldindh(Reg index, int offset) {
    return with(new PacketLoad(MemSize.H, Optional.of(index), offset));
  }

  /** {@code r0 = *(u32 *)skb[offset]}, from network order; the context must be in r6. */
  default BpfBuilder ldabsw(int offset) {
    return with(new PacketLoad(MemSize.W, Optional.empty(), offset));
  }

  /** {@code r0 = *(u32 *)skb[index + offset]}, from network order; the context must be in r6. */
  default BpfBuilder ldindw(Reg index, int offset) {
    return with(new PacketLoad(MemSize.W, Optional.of(index), offset));
  }
}
