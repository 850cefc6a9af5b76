package io.github.purebpf.text;

import io.github.purebpf.insn.Imm;
import io.github.purebpf.insn.Mem;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.Src;
import io.github.purebpf.insn.Width;
import io.github.purebpf.text.Token.Kind;

/** Reads what instructions are made of: registers, constants, memory. */
final class Operands {
  private final TokenCursor in;
  private final NumberReader numbers;

  Operands(TokenCursor in, NumberReader numbers) {
    this.in = in;
    this.numbers = numbers;
  }

  /** A register as it was written: r5 and w5 are the same register in different widths. */
  record Named(Reg reg, Width width, Token token) {
    /** Refuses the other width. */
    Reg of(Width expected) {
      if (width != expected) {
        throw new ParseFailure(
            token,
            "expected "
                + name(expected, reg)
                + ": this instruction works on "
                + expected.bits()
                + " bits");
      }
      return reg;
    }

    /** A register whose width the size of the access decides: w5 stands for r5 below 64 bits. */
    Reg of(MemSize size) {
      return size == MemSize.DW ? of(Width.W64) : reg;
    }
  }

  /** A C type in parentheses, such as {@code (u32 *)}. */
  record Type(MemSize size, boolean signed) {}

  static String name(Width width, Reg reg) {
    return width == Width.W32 ? "w" + reg.number() : reg.toString();
  }

  /** Whether a word is meant as a register, one that exists or not. */
  static boolean isRegister(Token token) {
    return token.kind() == Kind.WORD && isRegister(token.text());
  }

  static boolean isRegister(String word) {
    if (word.length() < 2 || "rRwW".indexOf(word.charAt(0)) < 0) {
      return false;
    }
    for (int i = 1; i < word.length(); i++) {
      if (word.charAt(i) < '0' || word.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  Named register() {
    return register("a register");
  }

  Named register(String what) {
    if (!isRegister(in.peek())) {
      throw in.expected(what);
    }
    var token = in.next();
    var digits = token.text().substring(1);
    boolean exists = digits.length() == 1 || digits.equals("10");
    if (!exists) {
      char letter = Character.toLowerCase(token.text().charAt(0));
      throw new ParseFailure(
          token,
          "\"%s\" is no register; there are %c0 to %c10"
              .formatted(
                  token.text().substring(0, Math.min(12, token.text().length())), letter, letter));
    }
    boolean narrow = Character.toLowerCase(token.text().charAt(0)) == 'w';
    return new Named(Reg.of(Integer.parseInt(digits)), narrow ? Width.W32 : Width.W64, token);
  }

  /** The register that an instruction names twice. */
  void same(Named expected) {
    var found = register(expected.token().text());
    if (found.reg() != expected.reg() || found.width() != expected.width()) {
      throw new ParseFailure(
          found.token(), "expected " + expected.token().text() + ": it is both operands");
    }
  }

  /** r0 to r10, not w. */
  Reg wide() {
    return register().of(Width.W64);
  }

  /** The second operand of arithmetic. */
  Src source(Width width) {
    if (isRegister(in.peek())) {
      return register().of(width);
    }
    var number = numbers.number("a register or a number");
    return new Imm(
        width == Width.W32
            ? NumberReader.word(number)
            : NumberReader.signed32(number, NumberReader.remedyFor(number)));
  }

  /** {@code (u32 *)}. */
  Type type() {
    in.expect("(");
    var type = typeName();
    in.expect("*");
    in.expect(")");
    return type;
  }

  /** {@code u32}; of what size and whether signed. */
  private Type typeName() {
    var word = in.peek();
    var type =
        switch (word.text()) {
          case "u8" -> new Type(MemSize.B, false);
          case "u16" -> new Type(MemSize.H, false);
          case "u32" -> new Type(MemSize.W, false);
          case "u64" -> new Type(MemSize.DW, false);
          case "s8" -> new Type(MemSize.B, true);
          case "s16" -> new Type(MemSize.H, true);
          case "s32" -> new Type(MemSize.W, true);
          default -> throw in.expected("u8, u16, u32, u64, s8, s16 or s32");
        };
    in.next();
    return type;
  }

  /** {@code (u32 *)}, unsigned. */
  MemSize size() {
    var word = in.peek(1);
    var type = type();
    if (type.signed()) {
      throw new ParseFailure(word, "expected u8, u16, u32 or u64: only loads sign-extend");
    }
    return type.size();
  }

  /** The {@code (s8)} of a move. */
  MemSize signExtension() {
    in.expect("(");
    var word = in.peek();
    var type = typeName();
    if (!type.signed()) {
      throw new ParseFailure(word, "expected s8, s16 or s32");
    }
    in.expect(")");
    return type.size();
  }

  /** {@code (r10 -8)}. */
  Mem memory() {
    in.expect("(");
    var mem = place();
    in.expect(")");
    return mem;
  }

  /** {@code r10 -8}; without an offset it is 0. */
  Mem place() {
    var base = wide();
    boolean hasOffset = in.at("+") || in.at("-");
    return new Mem(
        base, hasOffset ? numbers.signed16("an offset", "add it to the register instead") : 0);
  }
}
