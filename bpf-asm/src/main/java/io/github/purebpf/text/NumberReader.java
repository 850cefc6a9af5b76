package io.github.purebpf.text;

import io.github.purebpf.text.Token.Kind;
import java.math.BigInteger;

/** Reads numbers, and sums and products of them, and holds them against the range of a field. */
final class NumberReader {
  private static final BigInteger MIN_INT = BigInteger.valueOf(Integer.MIN_VALUE);
  private static final BigInteger MAX_INT = BigInteger.valueOf(Integer.MAX_VALUE);
  private static final BigInteger MAX_UINT = BigInteger.valueOf(0xffff_ffffL);
  private static final BigInteger MIN_LONG = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger MAX_ULONG = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
  private static final int MAX_DIGITS = 64;

  private final TokenCursor in;
  private final Dialect dialect;

  NumberReader(TokenCursor in, Dialect dialect) {
    this.in = in;
    this.dialect = dialect;
  }

  /** A number as it was written: its value and its place. */
  record Written(BigInteger value, int start, int end, boolean hex) {
    boolean isWithin(BigInteger min, BigInteger max) {
      return value.compareTo(min) >= 0 && value.compareTo(max) <= 0;
    }

    int within(BigInteger min, BigInteger max, String remedy) {
      if (!isWithin(min, max)) {
        throw new ParseFailure(
            start,
            end,
            value + " is outside " + min + " to " + max + (remedy.isEmpty() ? "" : "; " + remedy));
      }
      return value.intValue();
    }
  }

  /** Whether a number can begin here. */
  boolean isNext() {
    var token = in.peek();
    return token.kind() == Kind.NUMBER || isSign(token);
  }

  /** A sum of products of numbers. */
  Written number(String what) {
    int start = in.peek().start();
    boolean hex = in.peek().text().startsWith("0x");
    var value = product(what);
    while (in.at("+") || in.at("-")) {
      hex = false;
      boolean plus = in.next().is("+");
      var term = product(what);
      value = checked(plus ? value.add(term) : value.subtract(term), start);
    }
    return new Written(value, start, in.end(), hex);
  }

  private BigInteger product(String what) {
    int start = in.peek().start();
    var value = factor(what);
    while (in.accept("*")) {
      value = checked(value.multiply(factor(what)), start);
    }
    return value;
  }

  private BigInteger factor(String what) {
    boolean negative = false;
    while (isSign(in.peek())) {
      negative ^= in.next().is("-");
    }
    var token = in.expect(Kind.NUMBER, what);
    var value = literal(token);
    return negative ? value.negate() : value;
  }

  private static boolean isSign(Token token) {
    return token.is("+") || token.is("-");
  }

  private BigInteger checked(BigInteger value, int start) {
    if (value.bitLength() > 64) {
      throw new ParseFailure(start, in.end(), "the result has more than 64 bits");
    }
    return value;
  }

  private BigInteger literal(Token token) {
    var text = token.text();
    if (text.charAt(0) == '\'') {
      return BigInteger.valueOf(text.charAt(1));
    }
    int radix = radix(token);
    var digits = text.substring(radix == 16 || radix == 2 ? 2 : 0);
    if (digits.isEmpty() || !digits.chars().allMatch(c -> Character.digit(c, radix) >= 0)) {
      throw new ParseFailure(token, "\"" + shortened(text) + "\" is no number");
    }
    // The limit keeps a line of a million digits from taking a million times a million steps.
    if (digits.length() > MAX_DIGITS) {
      throw new ParseFailure(
          token, "a number of " + digits.length() + " digits; there are 64 bits");
    }
    var value = new BigInteger(digits, radix);
    if (value.bitLength() > 64) {
      throw new ParseFailure(token, shortened(text) + " has more than 64 bits");
    }
    return value;
  }

  private int radix(Token token) {
    var text = token.text();
    if (text.startsWith("0x") || text.startsWith("0X")) {
      return 16;
    }
    if (text.startsWith("0b") || text.startsWith("0B")) {
      return 2;
    }
    if (text.length() > 1 && text.charAt(0) == '0') {
      if (dialect == Dialect.KERNEL) {
        throw new ParseFailure(token, "a number with a leading zero; write 0x for hexadecimal");
      }
      return 8;
    }
    return 10;
  }

  private static String shortened(String text) {
    return text.length() > 40 ? text.substring(0, 40) + "..." : text;
  }

  /** A signed number of 16 bits. */
  int signed16(String what, String remedy) {
    return number(what)
        .within(BigInteger.valueOf(Short.MIN_VALUE), BigInteger.valueOf(Short.MAX_VALUE), remedy);
  }

  /** A signed number of 32 bits. */
  int signed32(String what, String remedy) {
    return signed32(number(what), remedy);
  }

  static int signed32(Written number, String remedy) {
    return number.within(MIN_INT, MAX_INT, remedy);
  }

  /** A number of 32 bits where signed and unsigned ones mean the same: all its bits are used. */
  int word(String what) {
    return word(number(what));
  }

  static int word(Written number) {
    return number.within(MIN_INT, MAX_UINT, "");
  }

  /** A number of 64 bits, signed or unsigned. */
  static long wide(Written number) {
    int _ = number.within(MIN_LONG, MAX_ULONG, "");
    return number.value().longValue();
  }

  /** A number from 0 to a limit. */
  int index(String what, int max) {
    return number(what).within(BigInteger.ZERO, BigInteger.valueOf(max), "");
  }

  /** The constant that a branch compares with. */
  int compared(boolean is64Bit) {
    var number = number("a register or a number");
    // The kernel prints the sign-extended 32 bits as eight hexadecimal digits.
    boolean unsigned = !is64Bit || (dialect == Dialect.KERNEL && number.hex());
    return unsigned ? word(number) : signed32(number, remedyFor(number));
  }

  /** How to get a constant that a 64-bit instruction would sign-extend. */
  static String remedyFor(Written number) {
    return number.isWithin(MIN_LONG, MAX_ULONG)
        ? "64-bit instructions sign-extend 32 bits; put it into a register with \"rN = "
            + (number.value().signum() < 0
                ? number.value().toString()
                : "0x" + number.value().toString(16))
            + " ll\""
        : "";
  }
}
