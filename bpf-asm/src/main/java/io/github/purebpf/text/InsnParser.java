package io.github.purebpf.text;

import io.github.purebpf.insn.AsmException;
import io.github.purebpf.insn.Branch;
import io.github.purebpf.insn.Cond;
import io.github.purebpf.insn.Exit;
import io.github.purebpf.insn.Imm;
import io.github.purebpf.insn.IndirectCall;
import io.github.purebpf.insn.IndirectJump;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.Jump;
import io.github.purebpf.insn.LongJump;
import io.github.purebpf.insn.MayGoto;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.RawInsn;
import io.github.purebpf.insn.Slot;
import io.github.purebpf.insn.Src;
import io.github.purebpf.insn.Store;
import io.github.purebpf.insn.Width;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;

/** Reads one instruction, in either dialect. */
final class InsnParser {
  private static final Map<String, Cond> CONDS = new HashMap<>();

  static {
    for (var cond : Cond.values()) {
      CONDS.put(cond.symbol(), cond);
    }
  }

  private final TokenCursor in;
  private final NumberReader numbers;
  private final Operands operands;
  private final AtomicParser atomics;
  private final CallParser calls;
  private final PseudoParser pseudos;
  private final RegisterParser registers;

  InsnParser(TokenCursor in, Dialect dialect) {
    this.in = in;
    numbers = new NumberReader(in, dialect);
    operands = new Operands(in, numbers);
    atomics = new AtomicParser(in, operands);
    calls = new CallParser(in, numbers);
    pseudos = new PseudoParser(in, numbers, operands);
    registers = new RegisterParser(in, numbers, operands, atomics, pseudos);
  }

  /**
   * The instruction that begins here.
   *
   * @param listed the opcode in front of it in a listing, or -1
   * @param scope what 1f and 1b stand for
   */
  Parsed parse(int listed, LocalLabels scope) {
    int start = in.peek().start();
    try {
      return dispatch(listed, scope);
    } catch (AsmException e) { // operands that are fine one by one
      throw new ParseFailure(start, in.end(), e.problem());
    }
  }

  private Parsed dispatch(int listed, LocalLabels scope) {
    var first = in.peek();
    if (Operands.isRegister(first)) {
      return registers.parse(listed == Opcode.LDDW);
    }
    if (first.is("*")) {
      in.next();
      return Parsed.of(store());
    }
    if (first.kind() != Token.Kind.WORD) {
      throw in.expected("an instruction");
    }
    in.next();
    return switch (first.text()) {
      case "if" -> branch(scope);
      case "goto" -> jump(scope);
      case "gotol" -> longJump(scope);
      case "may_goto" -> mayGoto(MayGoto.Kind.MAY_GOTO, scope);
      case "goto_or_nop" -> mayGoto(MayGoto.Kind.GOTO_OR_NOP, scope);
      case "gotox" -> Parsed.of(new IndirectJump(operands.wide()));
      case "call" -> calls.parse(listed >= 0);
      case "callx" -> Parsed.of(new IndirectCall(operands.wide()));
      case "exit" -> Parsed.of(new Exit());
      case "lock" -> Parsed.of(atomics.lock());
      case "store_release" -> Parsed.of(atomics.storeRelease());
      case "ld_pseudo" -> Parsed.of(pseudos.ldPseudo());
      case ".slot" -> Parsed.of(slot());
      default ->
          throw new ParseFailure(first, "expected an instruction, found " + first.describe());
    };
  }

  private Insn store() {
    MemSize size = operands.size();
    var mem = operands.memory();
    in.expect("=");
    return new Store(size, mem, stored(size));
  }

  private Src stored(MemSize size) {
    if (Operands.isRegister(in.peek())) {
      return operands.register().of(size);
    }
    var number = numbers.number("a register or a number");
    return new Imm(
        size == MemSize.W
            ? NumberReader.word(number)
            : NumberReader.signed32(number, NumberReader.remedyFor(number)));
  }

  private Parsed branch(LocalLabels scope) {
    var dst = operands.register();
    var cond = CONDS.get(in.peek().text());
    if (cond == null) {
      throw in.expected("a comparison such as == or s>");
    }
    in.next();
    Src src =
        Operands.isRegister(in.peek())
            ? operands.register().of(dst.width())
            : new Imm(numbers.compared(dst.width() == Width.W64));
    in.expect("goto");
    return target(scope, offset -> new Branch(dst.width(), cond, dst.reg(), src, offset));
  }

  private Parsed jump(LocalLabels scope) {
    return target(scope, Jump::new);
  }

  private Parsed mayGoto(MayGoto.Kind kind, LocalLabels scope) {
    return target(scope, offset -> new MayGoto(kind, offset));
  }

  private Parsed longJump(LocalLabels scope) {
    var label = label(scope);
    return label != null
        ? new Parsed(new LongJump(0), label)
        : Parsed.of(new LongJump(numbers.signed32("a label or an offset", "")));
  }

  private Parsed target(LocalLabels scope, IntFunction<Insn> insn) {
    var label = label(scope);
    return label != null
        ? new Parsed(insn.apply(0), label)
        : Parsed.of(
            insn.apply(
                numbers.signed16(
                    "a label, pc+N or +N", "a label is reached however far it is, by gotol")));
  }

  /** The label that comes next, or null if it is a number; then the number comes next. */
  private Parsed.Reference label(LocalLabels scope) {
    var token = in.peek();
    if (token.is("pc") && (in.peek(1).is("+") || in.peek(1).is("-"))) {
      in.next();
      return null;
    }
    var name = token.kind() == Token.Kind.WORD ? token.text() : scope.target(token);
    if (name == null) {
      return null;
    }
    in.next();
    return new Parsed.Reference(Parsed.Reference.Kind.JUMP, name, token);
  }

  /** {@code .slot opcode, dst, src, offset, imm}: eight bytes as they are. */
  private Insn slot() {
    int opcode = numbers.index("an opcode", 255);
    in.expect(",");
    int dst = numbers.index("a register's number", 15);
    in.expect(",");
    int src = numbers.index("a register's number", 15);
    in.expect(",");
    int offset = numbers.signed16("an offset", "");
    in.expect(",");
    return new RawInsn(new Slot(opcode, dst, src, offset, numbers.word("a number")));
  }
}
