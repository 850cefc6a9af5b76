package io.github.purebpf.check.flow;

import io.github.purebpf.insn.AluOp;
import io.github.purebpf.insn.Width;
import java.util.Set;

/** Arithmetic on numbers of which an interval is known. */
public final class Numbers {
  private Numbers() {}

  /** The result of an operation other than MOV. */
  public static Scalar compute(Width width, AluOp op, Scalar left, Scalar right) {
    if (width == Width.W32) {
      var result = compute(op, low32(left), low32(right), Integer.SIZE);
      return low32(result);
    }
    return compute(op, left, right, Long.SIZE);
  }

  /** The low 32 bits of a number, a copy where it has no more. */
  public static Scalar low32(Scalar number) {
    if (number.isConstant()) {
      return Scalar.constant(number.min() & Scalar.MAX_32);
    }
    return Long.compareUnsigned(number.max(), Scalar.MAX_32) <= 0
        ? number
        : Scalar.upTo(Scalar.MAX_32);
  }

  private static Scalar compute(AluOp op, Scalar left, Scalar right, int bits) {
    if (left.isConstant() && right.isConstant()) {
      return Scalar.constant(
          bits == Integer.SIZE
              ? fold((int) left.min(), (int) right.min(), op) & Scalar.MAX_32
              : fold(left.min(), right.min(), op));
    }
    long greatest = -1L >>> (64 - bits);
    return switch (op) {
      case ADD -> sum(left, right, greatest);
      case AND ->
          Scalar.upTo(Long.compareUnsigned(left.max(), right.max()) < 0 ? left.max() : right.max());
      case MOD ->
          // A division by zero leaves the dividend.
          right.isConstant() && right.min() != 0
              ? Scalar.upTo(right.min() - 1)
              : Scalar.upTo(left.max());
      case DIV -> Scalar.upTo(left.max());
      case RSH ->
          right.isConstant()
              ? Scalar.upTo(left.max() >>> (right.min() & (bits - 1)))
              : Scalar.upTo(left.max());
      case OR, XOR ->
          Scalar.upTo(-1L >>> Math.min(63, Long.numberOfLeadingZeros(left.max() | right.max())));
      case SUB, MUL, LSH, ARSH, SDIV, SMOD, MOV -> Scalar.upTo(greatest);
    };
  }

  private static Scalar sum(Scalar left, Scalar right, long greatest) {
    long max = left.max() + right.max();
    boolean wraps =
        Long.compareUnsigned(max, left.max()) < 0 || Long.compareUnsigned(max, greatest) > 0;
    return wraps
        ? Scalar.upTo(greatest)
        : new Scalar(left.min() + right.min(), max, false, Set.of(), 0);
  }

  private static long fold(long left, long right, AluOp op) {
    return switch (op) {
      case ADD -> left + right;
      case SUB -> left - right;
      case MUL -> left * right;
      case DIV -> right == 0 ? 0 : Long.divideUnsigned(left, right);
      case OR -> left | right;
      case AND -> left & right;
      case LSH -> left << right;
      case RSH -> left >>> right;
      case MOD -> right == 0 ? left : Long.remainderUnsigned(left, right);
      case XOR -> left ^ right;
      case MOV -> right;
      case ARSH -> left >> right;
      case SDIV -> right == 0 ? 0 : left / right;
      case SMOD -> right == 0 ? left : left % right;
    };
  }

  private static long fold(int left, int right, AluOp op) {
    return switch (op) {
      case ADD -> left + right;
      case SUB -> left - right;
      case MUL -> left * (long) right;
      case DIV -> right == 0 ? 0 : Integer.divideUnsigned(left, right);
      case OR -> left | right;
      case AND -> left & right;
      case LSH -> left << right;
      case RSH -> left >>> right;
      case MOD -> right == 0 ? left : Integer.remainderUnsigned(left, right);
      case XOR -> left ^ right;
      case MOV -> right;
      case ARSH -> left >> right;
      case SDIV -> right == 0 ? 0 : left / right;
      case SMOD -> right == 0 ? left : left % right;
    };
  }
}
