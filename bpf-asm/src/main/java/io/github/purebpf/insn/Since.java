package io.github.purebpf.insn;

import java.util.Optional;

/** Which kernel brought which instruction. */
final class Since {
  private static final KernelVersion V3_18 = new KernelVersion(3, 18);
  private static final KernelVersion V4_14 = new KernelVersion(4, 14);
  private static final KernelVersion V4_16 = new KernelVersion(4, 16);
  private static final KernelVersion V5_1 = new KernelVersion(5, 1);
  private static final KernelVersion V5_2 = new KernelVersion(5, 2);
  private static final KernelVersion V5_10 = new KernelVersion(5, 10);
  private static final KernelVersion V5_12 = new KernelVersion(5, 12);
  private static final KernelVersion V5_13 = new KernelVersion(5, 13);
  private static final KernelVersion V5_14 = new KernelVersion(5, 14);
  private static final KernelVersion V6_6 = new KernelVersion(6, 6);
  private static final KernelVersion V6_9 = new KernelVersion(6, 9);
  private static final KernelVersion V6_15 = new KernelVersion(6, 15);
  private static final KernelVersion V6_19 = new KernelVersion(6, 19);

  private Since() {}

  static Optional<KernelVersion> of(Insn insn) {
    return Optional.ofNullable(
        switch (insn) {
          case Alu(var _, var op, var _, var _) -> op.offset() == 0 ? V3_18 : V6_6;
          case ByteSwap(var order, int _, var _) -> order == ByteSwap.Order.SWAP ? V6_6 : V3_18;
          case Load load -> load.signed() ? V6_6 : V3_18;
          case Atomic atomic -> atomic.op() == AtomicOp.ADD ? V3_18 : V5_12;
          case Branch(var width, var cond, var _, var _, int _) -> branch(width, cond);
          case LoadImm64(var _, var value) -> imm64(value);
          case MayGoto(var kind, int _) -> kind == MayGoto.Kind.MAY_GOTO ? V6_9 : null;
          case Neg _, Store _, PacketLoad _, Jump _, HelperCall _, Exit _ -> V3_18;
          case LocalCall _ -> V4_16;
          case KfuncCall _ -> V5_13;
          case MovSx _, LongJump _ -> V6_6;
          case AddrSpaceCast _ -> V6_9;
          case LoadAcquire _, StoreRelease _ -> V6_15;
          case IndirectJump _ -> V6_19;
          case IndirectCall _, RawInsn _ -> null;
        });
  }

  private static KernelVersion branch(Width width, Cond cond) {
    if (width == Width.W32) {
      return V5_1;
    }
    return switch (cond) {
      case ULT, ULE, SLT, SLE -> V4_14;
      case EQ, NE, UGT, UGE, SGT, SGE, SET -> V3_18;
    };
  }

  private static KernelVersion imm64(Imm64 value) {
    return switch (value) {
      case Imm64.Const _, Imm64.MapFd _, Imm64.NamedMap _ -> V3_18;
      case Imm64.MapValueFd _, Imm64.NamedMapValue _ -> V5_2;
      case Imm64.BtfId _ -> V5_10;
      case Imm64.Function _ -> V5_13;
      case Imm64.MapIndex _, Imm64.MapValueIndex _ -> V5_14;
    };
  }
}
