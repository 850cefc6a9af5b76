package io.github.purebpf.insn;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Arbitrary valid instructions of every shape, and arbitrary slots. */
@SuppressWarnings("exports") // jqwik is on the class path of the tests
public final class AnyInsn {
  private AnyInsn() {}

  /** Any valid instruction whose operands are final (no names). */
  public static Arbitrary<Insn> insns() {
    return Arbitraries.oneOf(
        List.of(
            alu(),
            Combinators.combine(width(), writable()).as(Neg::new),
            Combinators.combine(writable(), reg(), Arbitraries.of(0, 1, 2, 3, 4))
                .as(AnyInsn::movSx),
            Combinators.combine(
                    Arbitraries.of(ByteSwap.Order.class), Arbitraries.of(16, 32, 64), writable())
                .as(ByteSwap::new),
            Combinators.combine(writable(), reg(), Arbitraries.of(0, 1))
                .as((dst, src, to) -> new AddrSpaceCast(dst, src, to, 1 - to)),
            Combinators.combine(
                    Arbitraries.of(MemSize.class), Arbitraries.of(0, 1), writable(), mem())
                .as(
                    (size, sign, dst, mem) ->
                        new Load(size, sign == 1 && size != MemSize.DW, dst, mem)),
            Combinators.combine(Arbitraries.of(MemSize.class), writable(), mem())
                .as(LoadAcquire::new),
            Combinators.combine(Arbitraries.of(MemSize.class), mem(), reg())
                .as((size, mem, src) -> new Store(size, mem, src)),
            Combinators.combine(Arbitraries.of(MemSize.W, MemSize.DW), mem(), imm())
                .as((size, mem, imm) -> new Store(size, mem, new Imm(imm))),
            Combinators.combine(
                    Arbitraries.of(MemSize.B, MemSize.H),
                    mem(),
                    Arbitraries.integers().between(-128, 255))
                .as((size, mem, imm) -> new Store(size, mem, new Imm(imm))),
            Combinators.combine(Arbitraries.of(MemSize.class), mem(), reg()).as(StoreRelease::new),
            Combinators.combine(
                    Arbitraries.of(AtomicOp.class),
                    Arbitraries.of(MemSize.W, MemSize.DW),
                    mem(),
                    writable())
                .as(Atomic::new),
            Combinators.combine(
                    Arbitraries.of(MemSize.B, MemSize.H, MemSize.W), reg().optional(), imm())
                .as((size, index, offset) -> new PacketLoad(size, index, offset)),
            Combinators.combine(writable(), imm64()).as(LoadImm64::new),
            offset().map(Jump::new),
            imm().map(LongJump::new),
            reg().map(IndirectJump::new),
            Combinators.combine(width(), Arbitraries.of(Cond.class), reg(), src(), offset())
                .as(Branch::new),
            Combinators.combine(Arbitraries.of(MayGoto.Kind.class), offset()).as(MayGoto::new),
            imm().map(HelperCall::new),
            imm().map(LocalCall::new),
            Combinators.combine(imm(), Arbitraries.integers().between(0, Short.MAX_VALUE))
                .as((id, fd) -> new KfuncCall(new Kfunc.ById(id, fd))),
            reg().map(IndirectCall::new),
            Arbitraries.of(List.of(new Exit()))));
  }

  /** Any eight bytes. */
  public static Arbitrary<Slot> slots() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 255),
            Arbitraries.integers().between(0, 15),
            Arbitraries.integers().between(0, 15),
            offset(),
            imm())
        .as(Slot::new);
  }

  private static Arbitrary<Insn> alu() {
    return Combinators.combine(width(), Arbitraries.of(AluOp.class), writable(), src())
        .as(
            (width, op, dst, src) ->
                new Alu(
                    width,
                    op,
                    dst,
                    switch (src) {
                      case Imm(int value) when op.isShift() -> new Imm(value & (width.bits() - 1));
                      case Imm(int value) when op.isDivision() && value == 0 -> new Imm(1);
                      default -> src;
                    }));
  }

  private static Insn movSx(Reg dst, Reg src, int kind) {
    return switch (kind) {
      case 0 -> new MovSx(Width.W64, MemSize.B, dst, src);
      case 1 -> new MovSx(Width.W64, MemSize.H, dst, src);
      case 2 -> new MovSx(Width.W64, MemSize.W, dst, src);
      case 3 -> new MovSx(Width.W32, MemSize.B, dst, src);
      default -> new MovSx(Width.W32, MemSize.H, dst, src);
    };
  }

  private static Arbitrary<Imm64> imm64() {
    return Arbitraries.oneOf(
        List.of(
            Arbitraries.longs().map(Imm64.Const::new),
            imm().map(Imm64.MapFd::new),
            Combinators.combine(imm(), imm()).as(Imm64.MapValueFd::new),
            Combinators.combine(imm(), imm()).as(Imm64.BtfId::new),
            imm().map(Imm64.Function::new),
            imm().map(Imm64.MapIndex::new),
            Combinators.combine(imm(), imm()).as(Imm64.MapValueIndex::new)));
  }

  private static Arbitrary<Width> width() {
    return Arbitraries.of(Width.class);
  }

  private static Arbitrary<Reg> reg() {
    return Arbitraries.of(Reg.class);
  }

  private static Arbitrary<Reg> writable() {
    return reg().filter(reg -> reg != Reg.R10);
  }

  private static Arbitrary<Src> src() {
    return Arbitraries.oneOf(List.of(reg(), imm().map(Imm::new)));
  }

  private static Arbitrary<Mem> mem() {
    return Combinators.combine(reg(), offset()).as(Mem::new);
  }

  private static Arbitrary<Integer> offset() {
    return Arbitraries.integers().between(Short.MIN_VALUE, Short.MAX_VALUE);
  }

  private static Arbitrary<Integer> imm() {
    return Arbitraries.integers();
  }
}
