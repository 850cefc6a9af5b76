package io.github.purebpf.check.flow;

import java.util.Set;
import java.util.TreeSet;

/**
 * A number: an unsigned interval that holds all its values.
 *
 * <p>A number is exact if the verifier, too, knows just this interval about it: it came fresh from
 * memory, and was only compared with constants since. Of a branch on an exact number it is certain
 * that the verifier follows both sides, if both are possible.
 *
 * @param min the least value, unsigned
 * @param max the greatest value, unsigned
 * @param exact whether the verifier knows no more than this
 * @param holes values inside that it does not have, of an exact number
 * @param identity shared by its copies, 0 if it can have none
 */
public record Scalar(long min, long max, boolean exact, Set<Long> holes, int identity)
    implements Value {
  /** The greatest number of 32 bits. */
  public static final long MAX_32 = 0xffff_ffffL;

  private static final int MAX_HOLES = 16;

  /** Copies the set. */
  public Scalar {
    holes = Set.copyOf(holes);
  }

  /** One known number. */
  public static Scalar constant(long value) {
    return new Scalar(value, value, true, Set.of(), 0);
  }

  /** A number of so many bytes of which nothing is known, also not by the verifier. */
  public static Scalar fresh(int bytes, int identity) {
    return new Scalar(0, -1L >>> (64 - 8 * bytes), true, Set.of(), identity);
  }

  /** A number up to a greatest one, of which the verifier may know more. */
  public static Scalar upTo(long max) {
    return new Scalar(0, max, false, Set.of(), 0);
  }

  /** A number of which the verifier may know more. */
  public static Scalar unknown() {
    return upTo(-1L);
  }

  /** Whether it is one known number. */
  public boolean isConstant() {
    return min == max;
  }

  /** Whether the value is among those that it can have. */
  public boolean contains(long value) {
    return Long.compareUnsigned(min, value) <= 0
        && Long.compareUnsigned(value, max) <= 0
        && !holes.contains(value);
  }

  /** Whether it is exact and has every value of so many bits. */
  public boolean isEvery(long greatest) {
    return exact && min == 0 && max == greatest && holes.isEmpty();
  }

  /** The same number, of which the verifier may know more. */
  public Scalar inexact() {
    return isConstant() ? this : new Scalar(min, max, false, Set.of(), identity);
  }

  /** Cut down to an interval; null if nothing is left. */
  public Scalar within(long least, long greatest) {
    long from = Long.compareUnsigned(min, least) < 0 ? least : min;
    long to = Long.compareUnsigned(max, greatest) > 0 ? greatest : max;
    while (Long.compareUnsigned(from, to) <= 0 && holes.contains(from)) {
      from++;
    }
    while (Long.compareUnsigned(from, to) < 0 && holes.contains(to)) {
      to--;
    }
    if (Long.compareUnsigned(from, to) > 0) {
      return null;
    }
    var kept = new TreeSet<>(holes);
    long first = from;
    long last = to;
    kept.removeIf(
        hole -> Long.compareUnsigned(hole, first) < 0 || Long.compareUnsigned(hole, last) > 0);
    return new Scalar(from, to, exact, kept, identity);
  }

  /** Without one value; null if nothing is left. */
  public Scalar without(long value) {
    if (!contains(value)) {
      return this;
    }
    if (isConstant()) {
      return null;
    }
    if (!exact || holes.size() == MAX_HOLES) {
      var rest = new Scalar(min, max, false, Set.of(value), identity).within(min, max);
      return rest == null ? null : new Scalar(rest.min, rest.max, false, Set.of(), identity);
    }
    var more = new TreeSet<>(holes);
    more.add(value);
    return new Scalar(min, max, true, more, identity).within(min, max);
  }
}
