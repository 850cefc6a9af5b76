package io.github.purebpf.asm;

import static io.github.purebpf.insn.Reg.FP;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;

import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.LongJump;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.uapi.Helper;
import java.util.ArrayList;
import java.util.List;

/** Every form of instruction that LLVM's text can express, as the DSL builds it. */
public final class Forms {
  /**
   * A form.
   *
   * @param text how LLVM writes it
   * @param insn what the DSL made of it
   */
  public record Form(String text, Insn insn) {
    @Override
    public String toString() {
      return text;
    }
  }

  /** Appends one instruction, which may jump over the next to a label. */
  private interface Call {
    void append(BpfBuilder b, Label to);
  }

  private final List<Form> forms = new ArrayList<>();

  private Forms() {
    arithmetic();
    memory();
    control();
  }

  /** All of them. */
  public static List<Form> all() {
    return List.copyOf(new Forms().forms);
  }

  private void form(String text, Call call) {
    var code =
        BpfCode.build(
            b -> {
              var to = b.newLabel();
              call.append(b, to);
              b.mov(R1, 0).labelBinding(to).exit();
            });
    forms.add(new Form(text, code.insns().get(0)));
  }

  private void arithmetic() {
    form("r1 += 5", (b, _) -> b.add(R1, 5));
    form("r1 += r2", (b, _) -> b.add(R1, R2));
    form("w1 += 5", (b, _) -> b.add32(R1, 5));
    form("w1 += w2", (b, _) -> b.add32(R1, R2));
    form("r1 -= 5", (b, _) -> b.sub(R1, 5));
    form("r1 -= r2", (b, _) -> b.sub(R1, R2));
    form("w1 -= 5", (b, _) -> b.sub32(R1, 5));
    form("w1 -= w2", (b, _) -> b.sub32(R1, R2));
    form("r1 *= 5", (b, _) -> b.mul(R1, 5));
    form("r1 *= r2", (b, _) -> b.mul(R1, R2));
    form("w1 *= 5", (b, _) -> b.mul32(R1, 5));
    form("w1 *= w2", (b, _) -> b.mul32(R1, R2));
    form("r1 /= 5", (b, _) -> b.div(R1, 5));
    form("r1 /= r2", (b, _) -> b.div(R1, R2));
    form("w1 /= 5", (b, _) -> b.div32(R1, 5));
    form("w1 /= w2", (b, _) -> b.div32(R1, R2));
    form("r1 |= 5", (b, _) -> b.or(R1, 5));
    form("r1 |= r2", (b, _) -> b.or(R1, R2));
    form("w1 |= 5", (b, _) -> b.or32(R1, 5));
    form("w1 |= w2", (b, _) -> b.or32(R1, R2));
    form("r1 &= 5", (b, _) -> b.and(R1, 5));
    form("r1 &= r2", (b, _) -> b.and(R1, R2));
    form("w1 &= 5", (b, _) -> b.and32(R1, 5));
    form("w1 &= w2", (b, _) -> b.and32(R1, R2));
    form("r1 <<= 5", (b, _) -> b.lsh(R1, 5));
    form("r1 <<= r2", (b, _) -> b.lsh(R1, R2));
    form("w1 <<= 5", (b, _) -> b.lsh32(R1, 5));
    form("w1 <<= w2", (b, _) -> b.lsh32(R1, R2));
    form("r1 >>= 5", (b, _) -> b.rsh(R1, 5));
    form("r1 >>= r2", (b, _) -> b.rsh(R1, R2));
    form("w1 >>= 5", (b, _) -> b.rsh32(R1, 5));
    form("w1 >>= w2", (b, _) -> b.rsh32(R1, R2));
    form("r1 %= 5", (b, _) -> b.mod(R1, 5));
    form("r1 %= r2", (b, _) -> b.mod(R1, R2));
    form("w1 %= 5", (b, _) -> b.mod32(R1, 5));
    form("w1 %= w2", (b, _) -> b.mod32(R1, R2));
    form("r1 ^= 5", (b, _) -> b.xor(R1, 5));
    form("r1 ^= r2", (b, _) -> b.xor(R1, R2));
    form("w1 ^= 5", (b, _) -> b.xor32(R1, 5));
    form("w1 ^= w2", (b, _) -> b.xor32(R1, R2));
    form("r1 = 5", (b, _) -> b.mov(R1, 5));
    form("r1 = r2", (b, _) -> b.mov(R1, R2));
    form("w1 = 5", (b, _) -> b.mov32(R1, 5));
    form("w1 = w2", (b, _) -> b.mov32(R1, R2));
    form("r1 s>>= 5", (b, _) -> b.arsh(R1, 5));
    form("r1 s>>= r2", (b, _) -> b.arsh(R1, R2));
    form("w1 s>>= 5", (b, _) -> b.arsh32(R1, 5));
    form("w1 s>>= w2", (b, _) -> b.arsh32(R1, R2));
    form("r1 s/= 5", (b, _) -> b.sdiv(R1, 5));
    form("r1 s/= r2", (b, _) -> b.sdiv(R1, R2));
    form("w1 s/= 5", (b, _) -> b.sdiv32(R1, 5));
    form("w1 s/= w2", (b, _) -> b.sdiv32(R1, R2));
    form("r1 s%= 5", (b, _) -> b.smod(R1, 5));
    form("r1 s%= r2", (b, _) -> b.smod(R1, R2));
    form("w1 s%= 5", (b, _) -> b.smod32(R1, 5));
    form("w1 s%= w2", (b, _) -> b.smod32(R1, R2));
    form("r1 = (s8)r2", (b, _) -> b.movsx8(R1, R2));
    form("r1 = (s16)r2", (b, _) -> b.movsx16(R1, R2));
    form("r1 = (s32)r2", (b, _) -> b.movsx32(R1, R2));
    form("w1 = (s8)w2", (b, _) -> b.mov32sx8(R1, R2));
    form("w1 = (s16)w2", (b, _) -> b.mov32sx16(R1, R2));
    form("r1 = -r1", (b, _) -> b.neg(R1));
    form("w1 = -w1", (b, _) -> b.neg32(R1));
    form("r1 = le16 r1", (b, _) -> b.le16(R1));
    form("r1 = le32 r1", (b, _) -> b.le32(R1));
    form("r1 = le64 r1", (b, _) -> b.le64(R1));
    form("r1 = be16 r1", (b, _) -> b.be16(R1));
    form("r1 = be32 r1", (b, _) -> b.be32(R1));
    form("r1 = be64 r1", (b, _) -> b.be64(R1));
    form("r1 = bswap16 r1", (b, _) -> b.bswap16(R1));
    form("r1 = bswap32 r1", (b, _) -> b.bswap32(R1));
    form("r1 = bswap64 r1", (b, _) -> b.bswap64(R1));
    form("r1 = addr_space_cast(r2, 0, 1)", (b, _) -> b.addrSpaceCast(R1, R2, 0, 1));
    form("r1 = addr_space_cast(r2, 1, 0)", (b, _) -> b.addrSpaceCast(R1, R2, 1, 0));
  }

  private void memory() {
    form("w1 = *(u8 *)(r10 - 8)", (b, _) -> b.ldxb(R1, FP.at(-8)));
    form("*(u8 *)(r10 - 8) = w1", (b, _) -> b.stxb(FP.at(-8), R1));
    form("*(u8 *)(r10 - 8) = 5", (b, _) -> b.stb(FP.at(-8), 5));
    form("r1 = *(s8 *)(r10 - 8)", (b, _) -> b.ldxsb(R1, FP.at(-8)));
    form("w1 = load_acquire((u8 *)(r10 - 8))", (b, _) -> b.loadAcquire(MemSize.B, R1, FP.at(-8)));
    form("store_release((u8 *)(r10 - 8), w1)", (b, _) -> b.storeRelease(MemSize.B, FP.at(-8), R1));
    form("w1 = *(u16 *)(r10 - 8)", (b, _) -> b.ldxh(R1, FP.at(-8)));
    form("*(u16 *)(r10 - 8) = w1", (b, _) -> b.stxh(FP.at(-8), R1));
    form("*(u16 *)(r10 - 8) = 5", (b, _) -> b.sth(FP.at(-8), 5));
    form("r1 = *(s16 *)(r10 - 8)", (b, _) -> b.ldxsh(R1, FP.at(-8)));
    form("w1 = load_acquire((u16 *)(r10 - 8))", (b, _) -> b.loadAcquire(MemSize.H, R1, FP.at(-8)));
    form("store_release((u16 *)(r10 - 8), w1)", (b, _) -> b.storeRelease(MemSize.H, FP.at(-8), R1));
    form("w1 = *(u32 *)(r10 - 8)", (b, _) -> b.ldxw(R1, FP.at(-8)));
    form("*(u32 *)(r10 - 8) = w1", (b, _) -> b.stxw(FP.at(-8), R1));
    form("*(u32 *)(r10 - 8) = 5", (b, _) -> b.stw(FP.at(-8), 5));
    form("r1 = *(s32 *)(r10 - 8)", (b, _) -> b.ldxsw(R1, FP.at(-8)));
    form("w1 = load_acquire((u32 *)(r10 - 8))", (b, _) -> b.loadAcquire(MemSize.W, R1, FP.at(-8)));
    form("store_release((u32 *)(r10 - 8), w1)", (b, _) -> b.storeRelease(MemSize.W, FP.at(-8), R1));
    form("r1 = *(u64 *)(r10 - 8)", (b, _) -> b.ldxdw(R1, FP.at(-8)));
    form("*(u64 *)(r10 - 8) = r1", (b, _) -> b.stxdw(FP.at(-8), R1));
    form("*(u64 *)(r10 - 8) = 5", (b, _) -> b.stdw(FP.at(-8), 5));
    form("r1 = load_acquire((u64 *)(r10 - 8))", (b, _) -> b.loadAcquire(MemSize.DW, R1, FP.at(-8)));
    form(
        "store_release((u64 *)(r10 - 8), r1)", (b, _) -> b.storeRelease(MemSize.DW, FP.at(-8), R1));
    form("lock *(u32 *)(r10 - 8) += w1", (b, _) -> b.atomicAddW(FP.at(-8), R1));
    form("w1 = atomic_fetch_add((u32 *)(r10 - 8), w1)", (b, _) -> b.fetchAddW(FP.at(-8), R1));
    form("lock *(u32 *)(r10 - 8) |= w1", (b, _) -> b.atomicOrW(FP.at(-8), R1));
    form("w1 = atomic_fetch_or((u32 *)(r10 - 8), w1)", (b, _) -> b.fetchOrW(FP.at(-8), R1));
    form("lock *(u32 *)(r10 - 8) &= w1", (b, _) -> b.atomicAndW(FP.at(-8), R1));
    form("w1 = atomic_fetch_and((u32 *)(r10 - 8), w1)", (b, _) -> b.fetchAndW(FP.at(-8), R1));
    form("lock *(u32 *)(r10 - 8) ^= w1", (b, _) -> b.atomicXorW(FP.at(-8), R1));
    form("w1 = atomic_fetch_xor((u32 *)(r10 - 8), w1)", (b, _) -> b.fetchXorW(FP.at(-8), R1));
    form("lock *(u64 *)(r10 - 8) += r1", (b, _) -> b.atomicAddDw(FP.at(-8), R1));
    form("r1 = atomic_fetch_add((u64 *)(r10 - 8), r1)", (b, _) -> b.fetchAddDw(FP.at(-8), R1));
    form("lock *(u64 *)(r10 - 8) |= r1", (b, _) -> b.atomicOrDw(FP.at(-8), R1));
    form("r1 = atomic_fetch_or((u64 *)(r10 - 8), r1)", (b, _) -> b.fetchOrDw(FP.at(-8), R1));
    form("lock *(u64 *)(r10 - 8) &= r1", (b, _) -> b.atomicAndDw(FP.at(-8), R1));
    form("r1 = atomic_fetch_and((u64 *)(r10 - 8), r1)", (b, _) -> b.fetchAndDw(FP.at(-8), R1));
    form("lock *(u64 *)(r10 - 8) ^= r1", (b, _) -> b.atomicXorDw(FP.at(-8), R1));
    form("r1 = atomic_fetch_xor((u64 *)(r10 - 8), r1)", (b, _) -> b.fetchXorDw(FP.at(-8), R1));
    form("w1 = xchg32_32(r10 - 8, w1)", (b, _) -> b.xchgW(FP.at(-8), R1));
    form("r1 = xchg_64(r10 - 8, r1)", (b, _) -> b.xchgDw(FP.at(-8), R1));
    form("w0 = cmpxchg32_32(r10 - 8, w0, w1)", (b, _) -> b.cmpxchgW(FP.at(-8), R1));
    form("r0 = cmpxchg_64(r10 - 8, r0, r1)", (b, _) -> b.cmpxchgDw(FP.at(-8), R1));
    form("r0 = *(u8 *)skb[4]", (b, _) -> b.ldabsb(4));
    form("r0 = *(u8 *)skb[r2]", (b, _) -> b.ldindb(R2, 0));
    form("r0 = *(u16 *)skb[4]", (b, _) -> b.ldabsh(4));
    form("r0 = *(u16 *)skb[r2]", (b, _) -> b.ldindh(R2, 0));
    form("r0 = *(u32 *)skb[4]", (b, _) -> b.ldabsw(4));
    form("r0 = *(u32 *)skb[r2]", (b, _) -> b.ldindw(R2, 0));
    form("r1 = 1234605616436508552 ll", (b, _) -> b.lddw(R1, 0x1122_3344_5566_7788L));
    form("ld_pseudo r1, 1, 5", (b, _) -> b.lddw(R1, new Imm64.MapFd(5)));
    form("ld_pseudo r1, 5, 5", (b, _) -> b.lddw(R1, new Imm64.MapIndex(5)));
  }

  private void control() {
    form("if r1 == 5 goto +1", (b, to) -> b.jeq(R1, 5, to));
    form("if r1 == r2 goto +1", (b, to) -> b.jeq(R1, R2, to));
    form("if w1 == 5 goto +1", (b, to) -> b.jeq32(R1, 5, to));
    form("if w1 == w2 goto +1", (b, to) -> b.jeq32(R1, R2, to));
    form("if r1 != 5 goto +1", (b, to) -> b.jne(R1, 5, to));
    form("if r1 != r2 goto +1", (b, to) -> b.jne(R1, R2, to));
    form("if w1 != 5 goto +1", (b, to) -> b.jne32(R1, 5, to));
    form("if w1 != w2 goto +1", (b, to) -> b.jne32(R1, R2, to));
    form("if r1 > 5 goto +1", (b, to) -> b.jgt(R1, 5, to));
    form("if r1 > r2 goto +1", (b, to) -> b.jgt(R1, R2, to));
    form("if w1 > 5 goto +1", (b, to) -> b.jgt32(R1, 5, to));
    form("if w1 > w2 goto +1", (b, to) -> b.jgt32(R1, R2, to));
    form("if r1 >= 5 goto +1", (b, to) -> b.jge(R1, 5, to));
    form("if r1 >= r2 goto +1", (b, to) -> b.jge(R1, R2, to));
    form("if w1 >= 5 goto +1", (b, to) -> b.jge32(R1, 5, to));
    form("if w1 >= w2 goto +1", (b, to) -> b.jge32(R1, R2, to));
    form("if r1 < 5 goto +1", (b, to) -> b.jlt(R1, 5, to));
    form("if r1 < r2 goto +1", (b, to) -> b.jlt(R1, R2, to));
    form("if w1 < 5 goto +1", (b, to) -> b.jlt32(R1, 5, to));
    form("if w1 < w2 goto +1", (b, to) -> b.jlt32(R1, R2, to));
    form("if r1 <= 5 goto +1", (b, to) -> b.jle(R1, 5, to));
    form("if r1 <= r2 goto +1", (b, to) -> b.jle(R1, R2, to));
    form("if w1 <= 5 goto +1", (b, to) -> b.jle32(R1, 5, to));
    form("if w1 <= w2 goto +1", (b, to) -> b.jle32(R1, R2, to));
    form("if r1 & 5 goto +1", (b, to) -> b.jset(R1, 5, to));
    form("if r1 & r2 goto +1", (b, to) -> b.jset(R1, R2, to));
    form("if w1 & 5 goto +1", (b, to) -> b.jset32(R1, 5, to));
    form("if w1 & w2 goto +1", (b, to) -> b.jset32(R1, R2, to));
    form("if r1 s> 5 goto +1", (b, to) -> b.jsgt(R1, 5, to));
    form("if r1 s> r2 goto +1", (b, to) -> b.jsgt(R1, R2, to));
    form("if w1 s> 5 goto +1", (b, to) -> b.jsgt32(R1, 5, to));
    form("if w1 s> w2 goto +1", (b, to) -> b.jsgt32(R1, R2, to));
    form("if r1 s>= 5 goto +1", (b, to) -> b.jsge(R1, 5, to));
    form("if r1 s>= r2 goto +1", (b, to) -> b.jsge(R1, R2, to));
    form("if w1 s>= 5 goto +1", (b, to) -> b.jsge32(R1, 5, to));
    form("if w1 s>= w2 goto +1", (b, to) -> b.jsge32(R1, R2, to));
    form("if r1 s< 5 goto +1", (b, to) -> b.jslt(R1, 5, to));
    form("if r1 s< r2 goto +1", (b, to) -> b.jslt(R1, R2, to));
    form("if w1 s< 5 goto +1", (b, to) -> b.jslt32(R1, 5, to));
    form("if w1 s< w2 goto +1", (b, to) -> b.jslt32(R1, R2, to));
    form("if r1 s<= 5 goto +1", (b, to) -> b.jsle(R1, 5, to));
    form("if r1 s<= r2 goto +1", (b, to) -> b.jsle(R1, R2, to));
    form("if w1 s<= 5 goto +1", (b, to) -> b.jsle32(R1, 5, to));
    form("if w1 s<= w2 goto +1", (b, to) -> b.jsle32(R1, R2, to));
    form("goto +1", (b, to) -> b.ja(to));
    form("gotol +1", (b, _) -> b.with(new LongJump(1)));
    form("may_goto +1", (b, to) -> b.mayGoto(to));
    form("gotox r1", (b, _) -> b.gotox(R1));
    form("callx r1", (b, _) -> b.callx(R1));
    form("call 5", (b, _) -> b.call(Helper.KTIME_GET_NS));
    form("exit", (b, _) -> b.exit());
  }
}
