package io.github.purebpf.check.flow;

import io.github.purebpf.insn.Cond;
import io.github.purebpf.insn.Width;

/**
 * What a branch tells about the number that it compares with a constant.
 *
 * @param taken the number where the condition holds, null if it never does
 * @param otherwise the number where it does not, null if it always does
 * @param certain whether the verifier follows each side that is not null
 */
public record Comparison(Scalar taken, Scalar otherwise, boolean certain) {

  /** Compares a number with a constant. */
  public static Comparison of(Width width, Cond cond, Scalar number, long constant) {
    if (width == Width.W64) {
      return of(cond, number, constant, 64);
    }
    long low = constant & Scalar.MAX_32;
    if (number.isConstant()) {
      var half = of(cond, Scalar.constant(number.min() & Scalar.MAX_32), low, 32);
      return new Comparison(
          half.taken == null ? null : number, half.otherwise == null ? null : number, true);
    }
    if (Long.compareUnsigned(number.max(), Scalar.MAX_32) <= 0) {
      return of(cond, number, low, 32);
    }
    var some = number.inexact();
    if (!number.isEvery(-1L)) {
      return new Comparison(some, some, false);
    }
    var half = of(cond, Scalar.fresh(4, 0), low, 32);
    return new Comparison(
        half.taken == null ? null : some, half.otherwise == null ? null : some, half.certain);
  }

  private static Comparison of(Cond cond, Scalar number, long constant, int bits) {
    long greatest = -1L >>> (64 - bits);
    return switch (cond) {
      case EQ -> {
        var equal = number.contains(constant) ? number.within(constant, constant) : null;
        yield sides(number, equal, number.without(constant));
      }
      case NE -> of(Cond.EQ, number, constant, bits).inverted();
      case UGT ->
          sides(
              number,
              constant == greatest ? null : number.within(constant + 1, greatest),
              number.within(0, constant));
      case UGE ->
          sides(
              number,
              number.within(constant, greatest),
              constant == 0 ? null : number.within(0, constant - 1));
      case ULT -> of(Cond.UGE, number, constant, bits).inverted();
      case ULE -> of(Cond.UGT, number, constant, bits).inverted();
      case SGT -> signed(Cond.UGT, number, constant, bits);
      case SGE -> signed(Cond.UGE, number, constant, bits);
      case SLT -> signed(Cond.UGE, number, constant, bits).inverted();
      case SLE -> signed(Cond.UGT, number, constant, bits).inverted();
      case SET -> bits(number, constant);
    };
  }

  private static Comparison sides(Scalar number, Scalar taken, Scalar otherwise) {
    return new Comparison(taken, otherwise, number.exact());
  }

  private Comparison inverted() {
    return new Comparison(/* taken= */ otherwise, /* otherwise= */ taken, certain);
  }

  /** Signed comparison: numbers of one sign compare as unsigned ones do. */
  private static Comparison signed(Cond unsigned, Scalar number, long constant, int bits) {
    long lowestNegative = 1L << (bits - 1);
    boolean negativeConstant = Long.compareUnsigned(constant, lowestNegative) >= 0;
    boolean negative = Long.compareUnsigned(number.min(), lowestNegative) >= 0;
    boolean positive = Long.compareUnsigned(number.max(), lowestNegative) < 0;
    if (!negative && !positive) {
      var some = number.inexact();
      var positives = number.within(0, lowestNegative - 1);
      var negatives = number.within(lowestNegative, -1L >>> (64 - bits));
      if (positives == null || negatives == null) {
        return new Comparison(some, some, false);
      }
      // One side is an interval of the constant's sign, the other is the rest.
      var part = of(unsigned, negativeConstant ? negatives : positives, constant, bits);
      return negativeConstant
          ? new Comparison(some, part.otherwise, number.exact())
          : new Comparison(part.taken, some, number.exact());
    }
    if (negative == negativeConstant) {
      return of(unsigned, number, constant, bits);
    }
    return negative
        ? new Comparison(null, number, number.exact())
        : new Comparison(number, null, number.exact());
  }

  private static Comparison bits(Scalar number, long mask) {
    if (number.isConstant()) {
      boolean set = (number.min() & mask) != 0;
      return new Comparison(set ? number : null, set ? null : number, true);
    }
    long possible = -1L >>> Long.numberOfLeadingZeros(number.max());
    if ((mask & possible) == 0) {
      return new Comparison(null, number, number.exact());
    }
    var some = number.inexact();
    return new Comparison(some, some, number.isEvery(possible));
  }
}
