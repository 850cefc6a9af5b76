package io.github.purebpf.asm;

import io.github.purebpf.insn.AddrSpaceCast;
import io.github.purebpf.insn.Alu;
import io.github.purebpf.insn.AluOp;
import io.github.purebpf.insn.ByteSwap;
import io.github.purebpf.insn.Imm;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.MovSx;
import io.github.purebpf.insn.Neg;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.Width;

/**
 * Level 1, registers and constants. A call without a suffix works on 64 bits, with the suffix 32 on
 * the low 32 bits and clears the upper ones. Constants are sign-extended.
 */
public sealed interface AluMnemonics permits BpfBuilder {
  /** Appends one instruction; every mnemonic is a line over this. */
  BpfBuilder with(Insn insn);

  /** {@code dst += src}. */
  default BpfBuilder add(Reg dst, Reg src) {
    return with(new Alu(Width.W64, AluOp.ADD, dst, src));
  }

  /** {@code dst += imm}. */
  default BpfBuilder add(Reg dst, int imm) {
    return with(new Alu(Width.W64, AluOp.ADD, dst, new Imm(imm)));
  }

  /** {@code dst += src}, 32 bits. */
  default BpfBuilder add32(Reg dst, Reg src) {
    return with(new Alu(Width.W32, AluOp.ADD, dst, src));
  }

  /** {@code dst += imm}, 32 bits. */
  default BpfBuilder add32(Reg dst, int imm) {
    return with(new Alu(Width.W32, AluOp.ADD, dst, new Imm(imm)));
  }

  /** {@code dst -= src}. */
  default BpfBuilder sub(Reg dst, Reg src) {
    return with(new Alu(Width.W64, AluOp.SUB, dst, src));
  }

  /** {@code dst -= imm}. */
  default BpfBuilder sub(Reg dst, int imm) {
    return with(new Alu(Width.W64, AluOp.SUB, dst, new Imm(imm)));
  }

  /** {@code dst -= src}, 32 bits. */
  default BpfBuilder sub32(Reg dst, Reg src) {
    return with(new Alu(Width.W32, AluOp.SUB, dst, src));
  }

  /** {@code dst -= imm}, 32 bits. */
  default BpfBuilder sub32(Reg dst, int imm) {
    return with(new Alu(Width.W32, AluOp.SUB, dst, new Imm(imm)));
  }

  /** {@code dst *= src}. */
  default BpfBuilder mul(Reg dst, Reg src) {
    return with(new Alu(Width.W64, AluOp.MUL, dst, src));
  }

  /** {@code dst *= imm}. */
  default BpfBuilder mul(Reg dst, int imm) {
    return with(new Alu(Width.W64, AluOp.MUL, dst, new Imm(imm)));
  }

  /** {@code dst *= src}, 32 bits. */
  default BpfBuilder mul32(Reg dst, Reg src) {
    return with(new Alu(Width.W32, AluOp.MUL, dst, src));
  }

  /** {@code dst *= imm}, 32 bits. */
  default BpfBuilder mul32(Reg dst, int imm) {
    return with(new Alu(Width.W32, AluOp.MUL, dst, new Imm(imm)));
  }

  /** {@code dst /= src}, unsigned. */
  default BpfBuilder div(Reg dst, Reg src) {
    return with(new Alu(Width.W64, AluOp.DIV, dst, src));
  }

  /** {@code dst /= imm}, unsigned. */
  default BpfBuilder div(Reg dst, int imm) {
    return with(new Alu(Width.W64, AluOp.DIV, dst, new Imm(imm)));
  }

  /** {@code dst /= src}, unsigned, 32 bits. */
  default BpfBuilder div32(Reg dst, Reg src) {
    return with(new Alu(Width.W32, AluOp.DIV, dst, src));
  }

  /** {@code dst /= imm}, unsigned, 32 bits. */
  default BpfBuilder div32(Reg dst, int imm) {
    return with(new Alu(Width.W32, AluOp.DIV, dst, new Imm(imm)));
  }

  /** {@code dst /= src}, signed; Linux 6.6. */
  default BpfBuilder sdiv(Reg dst, Reg src) {
    return with(new Alu(Width.W64, AluOp.SDIV, dst, src));
  }

  /** {@code dst /= imm}, signed; Linux 6.6. */
  default BpfBuilder sdiv(Reg dst, int imm) {
    return with(new Alu(Width.W64, AluOp.SDIV, dst, new Imm(imm)));
  }

  /** {@code dst /= src}, signed; Linux 6.6, 32 bits. */
  default BpfBuilder sdiv32(Reg dst, Reg src) {
    return with(new Alu(Width.W32, AluOp.SDIV, dst, src));
  }

  /** {@code dst /= imm}, signed; Linux 6.6, 32 bits. */
  default BpfBuilder sdiv32(Reg dst, int imm) {
    return with(new Alu(Width.W32, AluOp.SDIV, dst, new Imm(imm)));
  }

  /** {@code dst %= src}, unsigned. */
  default BpfBuilder mod(Reg dst, Reg src) {
    return with(new Alu(Width.W64, AluOp.MOD, dst, src));
  }

  /** {@code dst %= imm}, unsigned. */
  default BpfBuilder mod(Reg dst, int imm) {
    return with(new Alu(Width.W64, AluOp.MOD, dst, new Imm(imm)));
  }

  /** {@code dst %= src}, unsigned, 32 bits. */
  default BpfBuilder mod32(Reg dst, Reg src) {
    return with(new Alu(Width.W32, AluOp.MOD, dst, src));
  }

  /** {@code dst %= imm}, unsigned, 32 bits. */
  default BpfBuilder mod32(Reg dst, int imm) {
    return with(new Alu(Width.W32, AluOp.MOD, dst, new Imm(imm)));
  }

  /** {@code dst %= src}, signed; Linux 6.6. */
  default BpfBuilder smod(Reg dst, Reg src) {
    return with(new Alu(Width.W64, AluOp.SMOD, dst, src));
  }

  /** {@code dst %= imm}, signed; Linux 6.6. */
  default BpfBuilder smod(Reg dst, int imm) {
    return with(new Alu(Width.W64, AluOp.SMOD, dst, new Imm(imm)));
  }

  /** {@code dst %= src}, signed; Linux 6.6, 32 bits. */
  default BpfBuilder smod32(Reg dst, Reg src) {
    return with(new Alu(Width.W32, AluOp.SMOD, dst, src));
  }

  /** {@code dst %= imm}, signed; Linux 6.6, 32 bits. */
  default BpfBuilder smod32(Reg dst, int imm) {
    return with(new Alu(Width.W32, AluOp.SMOD, dst, new Imm(imm)));
  }

  /** {@code dst |= src}. */
  default BpfBuilder or(Reg dst, Reg src) {
    return with(new Alu(Width.W64, AluOp.OR, dst, src));
  }

  /** {@code dst |= imm}. */
  default BpfBuilder or(Reg dst, int imm) {
    return with(new Alu(Width.W64, AluOp.OR, dst, new Imm(imm)));
  }

  /** {@code dst |= src}, 32 bits. */
  default BpfBuilder or32(Reg dst, Reg src) {
    return with(new Alu(Width.W32, AluOp.OR, dst, src));
  }

  /** {@code dst |= imm}, 32 bits. */
  default BpfBuilder or32(Reg dst, int imm) {
    return with(new Alu(Width.W32, AluOp.OR, dst, new Imm(imm)));
  }

  /** {@code dst &= src}. */
  default BpfBuilder and(Reg dst, Reg src) {
    return with(new Alu(Width.W64, AluOp.AND, dst, src));
  }

  /** {@code dst &= imm}. */
  default BpfBuilder and(Reg dst, int imm) {
    return with(new Alu(Width.W64, AluOp.AND, dst, new Imm(imm)));
  }

  /** {@code dst &= src}, 32 bits. */
  default BpfBuilder and32(Reg dst, Reg src) {
    return with(new Alu(Width.W32, AluOp.AND, dst, src));
  }

  /** {@code dst &= imm}, 32 bits. */
  default BpfBuilder and32(Reg dst, int imm) {
    return with(new Alu(Width.W32, AluOp.AND, dst, new Imm(imm)));
  }

  /** {@code dst ^= src}. */
  default BpfBuilder xor(Reg dst, Reg src) {
    return with(new Alu(Width.W64, AluOp.XOR, dst, src));
  }

  /** {@code dst ^= imm}. */
  default BpfBuilder xor(Reg dst, int imm) {
    return with(new Alu(Width.W64, AluOp.XOR, dst, new Imm(imm)));
  }

  /** {@code dst ^= src}, 32 bits. */
  default BpfBuilder xor32(Reg dst, Reg src) {
    return with(new Alu(Width.W32, AluOp.XOR, dst, src));
  }

  /** {@code dst ^= imm}, 32 bits. */
  default BpfBuilder xor32(Reg dst, int imm) {
    return with(new Alu(Width.W32, AluOp.XOR, dst, new Imm(imm)));
  }

  /** {@code dst <<= src}. */
  default BpfBuilder lsh(Reg dst, Reg src) {
    return with(new Alu(Width.W64, AluOp.LSH, dst, src));
  }

  /** {@code dst <<= imm}. */
  default BpfBuilder lsh(Reg dst, int imm) {
    return with(new Alu(Width.W64, AluOp.LSH, dst, new Imm(imm)));
  }

  /** {@code dst <<= src}, 32 bits. */
  default BpfBuilder lsh32(Reg dst, Reg src) {
    return with(new Alu(Width.W32, AluOp.LSH, dst, src));
  }

  /** {@code dst <<= imm}, 32 bits. */
  default BpfBuilder lsh32(Reg dst, int imm) {
    return with(new Alu(Width.W32, AluOp.LSH, dst, new Imm(imm)));
  }

  /** {@code dst >>= src}, filling with zeros. */
  default BpfBuilder rsh(Reg dst, Reg src) {
    return with(new Alu(Width.W64, AluOp.RSH, dst, src));
  }

  /** {@code dst >>= imm}, filling with zeros. */
  default BpfBuilder rsh(Reg dst, int imm) {
    return with(new Alu(Width.W64, AluOp.RSH, dst, new Imm(imm)));
  }

  /** {@code dst >>= src}, filling with zeros, 32 bits. */
  default BpfBuilder rsh32(Reg dst, Reg src) {
    return with(new Alu(Width.W32, AluOp.RSH, dst, src));
  }

  /** {@code dst >>= imm}, filling with zeros, 32 bits. */
  default BpfBuilder rsh32(Reg dst, int imm) {
    return with(new Alu(Width.W32, AluOp.RSH, dst, new Imm(imm)));
  }

  /** {@code dst >>= src}, filling with the sign. */
  default BpfBuilder arsh(Reg dst, Reg src) {
    return with(new Alu(Width.W64, AluOp.ARSH, dst, src));
  }

  /** {@code dst >>= imm}, filling with the sign. */
  default BpfBuilder arsh(Reg dst, int imm) {
    return with(new Alu(Width.W64, AluOp.ARSH, dst, new Imm(imm)));
  }

  /** {@code dst >>= src}, filling with the sign, 32 bits. */
  default BpfBuilder arsh32(Reg dst, Reg src) {
    return with(new Alu(Width.W32, AluOp.ARSH, dst, src));
  }

  /** {@code dst >>= imm}, filling with the sign, 32 bits. */
  default BpfBuilder arsh32(Reg dst, int imm) {
    return with(new Alu(Width.W32, AluOp.ARSH, dst, new Imm(imm)));
  }

  /** {@code dst = src}. */
  default BpfBuilder mov(Reg dst, Reg src) {
    return with(new Alu(Width.W64, AluOp.MOV, dst, src));
  }

  /** {@code dst = imm}. */
  default BpfBuilder mov(Reg dst, int imm) {
    return with(new Alu(Width.W64, AluOp.MOV, dst, new Imm(imm)));
  }

  /** {@code dst = src}, 32 bits. */
  default BpfBuilder mov32(Reg dst, Reg src) {
    return with(new Alu(Width.W32, AluOp.MOV, dst, src));
  }

  /** {@code dst = imm}, 32 bits. */
  default BpfBuilder mov32(Reg dst, int imm) {
    return with(new Alu(Width.W32, AluOp.MOV, dst, new Imm(imm)));
  }

  /** {@code dst = -dst}. */
  default BpfBuilder neg(Reg dst) {
    return with(new Neg(Width.W64, dst));
  }

  /** {@code dst = -dst}, 32 bits. */
  default BpfBuilder neg32(Reg dst) {
    return with(new Neg(Width.W32, dst));
  }

  /** {@code dst = (s8)src}; Linux 6.6. */
  default BpfBuilder movsx8(Reg dst, Reg src) {
    return with(new MovSx(Width.W64, MemSize.B, dst, src));
  }

  /** {@code dst = (s16)src}; Linux 6.6. */
  default BpfBuilder movsx16(Reg dst, Reg src) {
    return with(new MovSx(Width.W64, MemSize.H, dst, src));
  }

  /** {@code dst = (s32)src}; Linux 6.6. */
  default BpfBuilder movsx32(Reg dst, Reg src) {
    return with(new MovSx(Width.W64, MemSize.W, dst, src));
  }

  /** {@code dst = (s8)src}, 32 bits; Linux 6.6. */
  default BpfBuilder mov32sx8(Reg dst, Reg src) {
    return with(new MovSx(Width.W32, MemSize.B, dst, src));
  }

  /** {@code dst = (s16)src}, 32 bits; Linux 6.6. */
  default BpfBuilder mov32sx16(Reg dst, Reg src) {
    return with(new MovSx(Width.W32, MemSize.H, dst, src));
  }

  /** The low 16 bits of dst to little endian. */
  default BpfBuilder le16(Reg dst) {
    return with(new ByteSwap(ByteSwap.Order.TO_LE, 16, dst));
  }

  /** The low 32 bits of dst to little endian. */
  default BpfBuilder le32(Reg dst) {
    return with(new ByteSwap(ByteSwap.Order.TO_LE, 32, dst));
  }

  /** The low 64 bits of dst to little endian. */
  default BpfBuilder le64(Reg dst) {
    return with(new ByteSwap(ByteSwap.Order.TO_LE, 64, dst));
  }

  /** The low 16 bits of dst to big endian, the network's order. */
  default BpfBuilder be16(Reg dst) {
    return with(new ByteSwap(ByteSwap.Order.TO_BE, 16, dst));
  }

  /** The low 32 bits of dst to big endian, the network's order. */
  default BpfBuilder be32(Reg dst) {
    return with(new ByteSwap(ByteSwap.Order.TO_BE, 32, dst));
  }

  /** The low 64 bits of dst to big endian, the network's order. */
  default BpfBuilder be64(Reg dst) {
    return with(new ByteSwap(ByteSwap.Order.TO_BE, 64, dst));
  }

  /** The low 16 bits of dst swapped; Linux 6.6. */
  default BpfBuilder bswap16(Reg dst) {
    return with(new ByteSwap(ByteSwap.Order.SWAP, 16, dst));
  }

  /** The low 32 bits of dst swapped; Linux 6.6. */
  default BpfBuilder bswap32(Reg dst) {
    return with(new ByteSwap(ByteSwap.Order.SWAP, 32, dst));
  }

  /** The low 64 bits of dst swapped; Linux 6.6. */
  default BpfBuilder bswap64(Reg dst) {
    return with(new ByteSwap(ByteSwap.Order.SWAP, 64, dst));
  }

  /** {@code dst = addr_space_cast(src, to, from)}, for arena maps; Linux 6.9. */
  default BpfBuilder addrSpaceCast(Reg dst, Reg src, int to, int from) {
    return with(new AddrSpaceCast(dst, src, to, from));
  }

  /** A 64-bit constant, two slots. */
  default BpfBuilder lddw(Reg dst, long value) {
    return with(new LoadImm64(dst, new Imm64.Const(value)));
  }

  /** The address of a map, two slots; the file descriptor is bound when the program is loaded. */
  default BpfBuilder lddw(Reg dst, MapRef map) {
    return with(new LoadImm64(dst, new Imm64.NamedMap(map)));
  }

  /** Any other 64-bit constant: a map's value, a kernel variable, an index into fd_array. */
  default BpfBuilder lddw(Reg dst, Imm64 value) {
    return with(new LoadImm64(dst, value));
  }
}
