package io.github.purebpf.check.rules;

import static io.github.purebpf.check.flow.Value.Anything.ANYTHING;

import io.github.purebpf.check.Rule;
import io.github.purebpf.check.flow.Numbers;
import io.github.purebpf.check.flow.Pointer;
import io.github.purebpf.check.flow.Pointer.Nullness;
import io.github.purebpf.check.flow.Scalar;
import io.github.purebpf.check.flow.Value;
import io.github.purebpf.insn.Alu;
import io.github.purebpf.insn.AluOp;
import io.github.purebpf.insn.Imm;
import io.github.purebpf.insn.Width;

/** Arithmetic: what may be done with addresses. */
final class Arithmetic {
  private static final String ADD_ONLY = "add numbers to addresses in 64 bits, nothing else";

  private Arithmetic() {}

  static void execute(Alu insn, Site site) {
    var source = site.read(insn.src());
    if (insn.op() == AluOp.MOV) {
      site.frame().set(insn.dst(), moved(insn, source));
      return;
    }
    var target = site.read(insn.dst());
    site.frame().set(insn.dst(), result(insn, target, source, site));
  }

  private static Value moved(Alu insn, Value source) {
    if (insn.width() == Width.W64) {
      return source;
    }
    return switch (source) {
      case Scalar number -> Numbers.low32(number);
      case Pointer _ -> Scalar.upTo(Scalar.MAX_32);
      case Value.Unset _, Value.Anything _ -> ANYTHING;
    };
  }

  private static Value result(Alu insn, Value target, Value source, Site site) {
    if (target instanceof Scalar left && source instanceof Scalar right) {
      return Numbers.compute(insn.width(), insn.op(), left, right);
    }
    if (target == ANYTHING || source == ANYTHING) {
      return ANYTHING;
    }
    boolean difference = insn.op() == AluOp.SUB;
    if (target instanceof Pointer left && source instanceof Pointer right) {
      if (difference) {
        return Scalar.unknown();
      }
      site.flaw(
          left.doubted() || right.doubted(),
          Rule.POINTER_ARITHMETIC,
          "two addresses are combined by " + insn.op().symbol(),
          "the only result of two addresses is their difference");
      return ANYTHING;
    }
    boolean pointerFirst = target instanceof Pointer;
    var pointer = (Pointer) (pointerFirst ? target : source);
    var number = (Scalar) (pointerFirst ? source : target);
    if (insn.width() == Width.W32) {
      if (difference) {
        return Scalar.unknown();
      }
      site.flaw(
          pointer.doubted(),
          Rule.POINTER_ARITHMETIC,
          "32-bit arithmetic on the address of " + pointer.kind(),
          ADD_ONLY);
      return ANYTHING;
    }
    if (!isAllowed(insn, pointer, number, pointerFirst, site)) {
      return ANYTHING;
    }
    if (!number.isConstant() || pointer.kind() == Pointer.Kind.LOOKED_UP) {
      return pointer.moved();
    }
    return pointer.plus(difference ? -number.min() : number.min());
  }

  private static boolean isAllowed(
      Alu insn, Pointer pointer, Scalar number, boolean pointerFirst, Site site) {
    if (pointer.nullable()) {
      Access.nullCheck(pointer, pointer.doubted(), "the address is computed with", site);
      return pointer.nullness() == Nullness.MAYBE_BY_KERNEL;
    }
    boolean add = insn.op() == AluOp.ADD;
    boolean subtract = insn.op() == AluOp.SUB;
    boolean zero = add && number.isConstant() && number.min() == 0;
    switch (pointer.kind()) {
      case MAP, PACKET_END, SOCKET -> {
        if (pointer.kind() == Pointer.Kind.MAP && zero) {
          return true;
        }
        site.flaw(
            pointer.doubted(),
            Rule.POINTER_ARITHMETIC,
            "arithmetic on the address of " + pointer.kind(),
            "use this address as it is");
        return false;
      }
      default -> {}
    }
    if (add || (subtract && pointerFirst && pointer.kind() != Pointer.Kind.STACK)) {
      return true;
    }
    String why =
        !subtract
            ? "%s on the address of %s".formatted(insn.op().symbol(), pointer.kind())
            : pointerFirst
                ? "a subtraction from a stack address"
                : "an address is subtracted from a number";
    String remedy =
        subtract && pointerFirst && insn.src() instanceof Imm(int value)
            ? "add " + -(long) value + " instead"
            : ADD_ONLY;
    site.flaw(pointer.doubted(), Rule.POINTER_ARITHMETIC, why, remedy);
    return false;
  }
}
