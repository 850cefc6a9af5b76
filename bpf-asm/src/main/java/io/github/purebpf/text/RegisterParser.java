package io.github.purebpf.text;

import io.github.purebpf.insn.AddrSpaceCast;
import io.github.purebpf.insn.Alu;
import io.github.purebpf.insn.AluOp;
import io.github.purebpf.insn.ByteSwap;
import io.github.purebpf.insn.Imm;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.Load;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.MovSx;
import io.github.purebpf.insn.Neg;
import io.github.purebpf.insn.PacketLoad;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.Width;
import io.github.purebpf.text.Operands.Named;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Reads the instructions that begin with a register. */
final class RegisterParser {
  private static final Map<String, AluOp> OPS = new HashMap<>();

  private record Swap(ByteSwap.Order order, int bits) {}

  private static final Map<String, Swap> SWAPS = new HashMap<>();

  static {
    for (var op : AluOp.values()) {
      OPS.put(op.symbol(), op);
    }
    for (var order : ByteSwap.Order.values()) {
      for (int bits = 16; bits <= 64; bits *= 2) {
        SWAPS.put(order.mnemonic() + bits, new Swap(order, bits));
      }
    }
  }

  private final TokenCursor in;
  private final NumberReader numbers;
  private final Operands operands;
  private final AtomicParser atomics;
  private final PseudoParser pseudos;

  RegisterParser(
      TokenCursor in,
      NumberReader numbers,
      Operands operands,
      AtomicParser atomics,
      PseudoParser pseudos) {
    this.in = in;
    this.numbers = numbers;
    this.operands = operands;
    this.atomics = atomics;
    this.pseudos = pseudos;
  }

  /**
   * @param isLddw whether a listing's opcode says so, in front of a number that does not tell
   */
  Parsed parse(boolean isLddw) {
    var dst = operands.register();
    if (in.accept("=")) {
      return assignment(dst, isLddw);
    }
    var op = OPS.get(in.peek().text());
    if (op == null) {
      throw in.expected("an operator such as = or +=");
    }
    in.next();
    return Parsed.of(new Alu(dst.width(), op, dst.reg(), operands.source(dst.width())));
  }

  private Parsed assignment(Named dst, boolean isLddw) {
    var token = in.peek();
    if (token.is("-") && Operands.isRegister(in.peek(1))) {
      in.next();
      operands.same(dst);
      return Parsed.of(new Neg(dst.width(), dst.reg()));
    }
    if (Operands.isRegister(token)) {
      return Parsed.of(move(dst));
    }
    if (token.is("(")) {
      var from = operands.signExtension();
      return Parsed.of(
          new MovSx(dst.width(), from, dst.reg(), operands.register().of(dst.width())));
    }
    if (token.is("*")) {
      in.next();
      return Parsed.of(load(dst));
    }
    if (token.kind() == Token.Kind.WORD) {
      return word(dst, token);
    }
    return Parsed.of(constant(dst, isLddw));
  }

  private Insn move(Named dst) {
    var src = operands.register();
    // clang -S prints r1 = w2 where it relies on w1 = w2 to clear the upper half.
    boolean zeroExtends = dst.width() == Width.W64 && src.width() == Width.W32;
    var width = zeroExtends ? Width.W32 : dst.width();
    return new Alu(width, AluOp.MOV, dst.reg(), src.of(width));
  }

  private Insn load(Named dst) {
    var typeToken = in.peek(1);
    var type = operands.type();
    if (in.accept("skb")) {
      return packetLoad(dst, typeToken, type);
    }
    var mem = operands.memory();
    // A sign-extending load fills all 64 bits, so there is no form of it for w.
    var reg = type.signed() ? dst.of(Width.W64) : dst.of(type.size());
    return new Load(type.size(), type.signed(), reg, mem);
  }

  private Insn packetLoad(Named dst, Token typeToken, Operands.Type type) {
    if (type.signed()) {
      throw new ParseFailure(typeToken, "expected u8, u16 or u32: packet loads do not sign-extend");
    }
    if (dst.of(Width.W64) != Reg.R0) {
      throw new ParseFailure(dst.token(), "expected r0: packet loads write no other register");
    }
    in.expect("[");
    var index = Optional.<Reg>empty();
    int offset = 0;
    if (Operands.isRegister(in.peek())) {
      index = Optional.of(operands.wide());
    }
    if (index.isEmpty() || !in.at("]")) {
      offset = numbers.word("a register or a number");
    }
    in.expect("]");
    return new PacketLoad(type.size(), index, offset);
  }

  private Parsed word(Named dst, Token token) {
    if (in.peek(1).is("ll")) {
      return pseudos.symbol(dst);
    }
    if (in.peek(1).is("[")) {
      return pseudos.bracketed(dst);
    }
    var swap = SWAPS.get(token.text());
    if (swap != null) {
      in.next();
      operands.same(dst);
      return Parsed.of(new ByteSwap(swap.order(), swap.bits(), dst.of(Width.W64)));
    }
    if (token.is("addr_space_cast")) {
      in.next();
      return Parsed.of(addrSpaceCast(dst));
    }
    if (AtomicParser.begins(token)) {
      return Parsed.of(atomics.value(dst));
    }
    throw new ParseFailure(
        token,
        "expected a register, a number, memory or an operation, found "
            + token.describe()
            + "; the address of a map is \""
            + dst.token().text()
            + " = NAME ll\"");
  }

  private Insn addrSpaceCast(Named dst) {
    in.expect("(");
    var src = operands.wide();
    in.expect(",");
    int to = numbers.index("an address space", 0xffff);
    in.expect(",");
    int from = numbers.index("an address space", 0xffff);
    in.expect(")");
    return new AddrSpaceCast(dst.of(Width.W64), src, to, from);
  }

  private Insn constant(Named dst, boolean isLddw) {
    var number = numbers.number("a register, a number, memory or an operation");
    if (in.accept("ll") || isLddw) {
      return new LoadImm64(dst.of(Width.W64), new Imm64.Const(NumberReader.wide(number)));
    }
    int value =
        dst.width() == Width.W32
            ? NumberReader.word(number)
            : NumberReader.signed32(number, remedy(dst, number));
    return new Alu(dst.width(), AluOp.MOV, dst.reg(), new Imm(value));
  }

  private static String remedy(Named dst, NumberReader.Written number) {
    var general = NumberReader.remedyFor(number);
    return general.isEmpty()
        ? ""
        : "64-bit instructions sign-extend 32 bits; write \""
            + dst.token().text()
            + " = "
            + general.substring(general.indexOf("= ") + 2);
  }
}
