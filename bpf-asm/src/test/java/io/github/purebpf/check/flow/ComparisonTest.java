package io.github.purebpf.check.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.insn.AluOp;
import io.github.purebpf.insn.Cond;
import io.github.purebpf.insn.Width;
import java.util.Arrays;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** What the verifier may know of a number, against numbers. */
class ComparisonTest {
  record Held(Scalar interval, long value) {}

  @Provide
  Arbitrary<Long> numbers() {
    return Arbitraries.oneOf(
        Arbitraries.longs(),
        Arbitraries.longs().between(-3, 3),
        Arbitraries.of(
            1L << 31, (1L << 31) - 1, 1L << 32, (1L << 32) - 1, 1L << 63, (1L << 63) - 1, 255L));
  }

  @Provide
  Arbitrary<Held> held() {
    return Combinators.combine(numbers(), numbers(), numbers(), Arbitraries.of(true, false))
        .as(
            (a, b, c, exact) -> {
              long[] sorted = {a, b, c};
              Arrays.sort(sorted);
              for (int i = 0; i < 3; i++) {
                for (int j = i + 1; j < 3; j++) {
                  if (Long.compareUnsigned(sorted[i], sorted[j]) > 0) {
                    long swap = sorted[i];
                    sorted[i] = sorted[j];
                    sorted[j] = swap;
                  }
                }
              }
              return new Held(new Scalar(sorted[0], sorted[2], exact, Set.of(), 7), sorted[1]);
            });
  }

  private static boolean holds(Width width, Cond cond, long left, long right) {
    if (width == Width.W32) {
      boolean signed =
          switch (cond) {
            case SGT, SGE, SLT, SLE -> true;
            default -> false;
          };
      return holds(
          Width.W64,
          cond,
          signed ? (int) left : left & Scalar.MAX_32,
          signed ? (int) right : right & Scalar.MAX_32);
    }
    int order = Long.compareUnsigned(left, right);
    return switch (cond) {
      case EQ -> left == right;
      case NE -> left != right;
      case UGT -> order > 0;
      case UGE -> order >= 0;
      case ULT -> order < 0;
      case ULE -> order <= 0;
      case SGT -> left > right;
      case SGE -> left >= right;
      case SLT -> left < right;
      case SLE -> left <= right;
      case SET -> (left & right) != 0;
    };
  }

  @Property
  void theSideThatANumberTakesIsOpenAndHoldsIt(
      @ForAll Width width,
      @ForAll Cond cond,
      @ForAll("held") Held held,
      @ForAll("numbers") long constant) {
    var result = Comparison.of(width, cond, held.interval, constant);
    var side = holds(width, cond, held.value, constant) ? result.taken() : result.otherwise();
    assertNotNull(side, () -> held + " does not go there");
    assertTrue(side.contains(held.value), () -> held + " is not in " + side);
  }

  /** Every end of an exact interval on a certain side takes that side, so the side is possible. */
  @Property
  void aSideThatIsCertainIsPossible(
      @ForAll Width width,
      @ForAll Cond cond,
      @ForAll("held") Held held,
      @ForAll("numbers") long constant) {
    var result = Comparison.of(width, cond, held.interval, constant);
    Assume.that(result.certain() && held.interval.exact());
    if (result.taken() != null && result.taken().exact() && width == Width.W64) {
      assertTrue(holds(width, cond, result.taken().min(), constant));
      assertTrue(holds(width, cond, result.taken().max(), constant));
    }
    if (result.otherwise() != null && result.otherwise().exact() && width == Width.W64) {
      assertFalse(holds(width, cond, result.otherwise().min(), constant));
      assertFalse(holds(width, cond, result.otherwise().max(), constant));
    }
  }

  @Property
  void arithmeticKeepsItsResultsInsideTheInterval(
      @ForAll Width width,
      @ForAll AluOp op,
      @ForAll("held") Held left,
      @ForAll("held") Held right) {
    Assume.that(op != AluOp.MOV);
    boolean shift = op == AluOp.LSH || op == AluOp.RSH || op == AluOp.ARSH;
    Assume.that(!shift || Long.compareUnsigned(right.value, width.bits()) < 0);
    var one = Numbers.compute(width, op, Scalar.constant(left.value), Scalar.constant(right.value));
    var all = Numbers.compute(width, op, left.interval, right.interval);
    assertTrue(one.isConstant());
    assertTrue(all.contains(one.min()), () -> one + " is not in " + all);
  }

  @Test
  void divisionByZeroIsZeroAndLeavesTheDividendAsRemainder() {
    var five = Scalar.constant(5);
    var zero = Scalar.constant(0);
    assertEquals(zero, Numbers.compute(Width.W64, AluOp.DIV, five, zero));
    assertEquals(five, Numbers.compute(Width.W64, AluOp.MOD, five, zero));
    assertEquals(zero, Numbers.compute(Width.W32, AluOp.SDIV, five, zero));
    assertEquals(five, Numbers.compute(Width.W32, AluOp.SMOD, five, zero));
  }

  @Test
  void aNumberThatWasComparedIsWithoutWhatItIsNot() {
    var number = Scalar.fresh(1, 1);
    for (int i = 0; i < 255; i++) {
      var result = Comparison.of(Width.W64, Cond.EQ, number, i);
      assertNotNull(result.taken(), "at " + i);
      number = result.otherwise();
    }
    assertEquals(255, number.min());
    assertTrue(number.isConstant());
    assertNull(Comparison.of(Width.W64, Cond.EQ, number, 255).otherwise());
  }
}
