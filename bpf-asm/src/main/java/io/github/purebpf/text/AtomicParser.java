package io.github.purebpf.text;

import io.github.purebpf.insn.Atomic;
import io.github.purebpf.insn.AtomicOp;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.LoadAcquire;
import io.github.purebpf.insn.Mem;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.StoreRelease;
import io.github.purebpf.text.Operands.Named;
import java.util.Map;

/** Reads atomic operations, which the dialects name differently. */
final class AtomicParser {
  /**
   * An operation by its name.
   *
   * @param op what it does
   * @param size in how many bytes, or null if the name does not tell
   * @param typed whether the place has a type in front, which tells
   */
  private record Operation(AtomicOp op, MemSize size, boolean typed) {}

  private static final Map<String, Operation> BY_NAME =
      Map.ofEntries(
          // LLVM takes atomic_fetch_add for both sizes.
          Map.entry("atomic_fetch_add", new Operation(AtomicOp.FETCH_ADD, null, true)),
          Map.entry("atomic_fetch_or", new Operation(AtomicOp.FETCH_OR, null, true)),
          Map.entry("atomic_fetch_and", new Operation(AtomicOp.FETCH_AND, null, true)),
          Map.entry("atomic_fetch_xor", new Operation(AtomicOp.FETCH_XOR, null, true)),
          Map.entry("atomic64_fetch_add", new Operation(AtomicOp.FETCH_ADD, MemSize.DW, true)),
          Map.entry("atomic64_fetch_or", new Operation(AtomicOp.FETCH_OR, MemSize.DW, true)),
          Map.entry("atomic64_fetch_and", new Operation(AtomicOp.FETCH_AND, MemSize.DW, true)),
          Map.entry("atomic64_fetch_xor", new Operation(AtomicOp.FETCH_XOR, MemSize.DW, true)),
          Map.entry("atomic_xchg", new Operation(AtomicOp.XCHG, MemSize.W, true)),
          Map.entry("atomic64_xchg", new Operation(AtomicOp.XCHG, MemSize.DW, true)),
          Map.entry("atomic_cmpxchg", new Operation(AtomicOp.CMPXCHG, MemSize.W, true)),
          Map.entry("atomic64_cmpxchg", new Operation(AtomicOp.CMPXCHG, MemSize.DW, true)),
          Map.entry("xchg32_32", new Operation(AtomicOp.XCHG, MemSize.W, false)),
          Map.entry("xchg_64", new Operation(AtomicOp.XCHG, MemSize.DW, false)),
          Map.entry("cmpxchg32_32", new Operation(AtomicOp.CMPXCHG, MemSize.W, false)),
          Map.entry("cmpxchg_64", new Operation(AtomicOp.CMPXCHG, MemSize.DW, false)));

  private static final String LOAD_ACQUIRE = "load_acquire";

  private final TokenCursor in;
  private final Operands operands;

  AtomicParser(TokenCursor in, Operands operands) {
    this.in = in;
    this.operands = operands;
  }

  /** Whether a word behind {@code r1 =} is one of the operations here. */
  static boolean begins(Token word) {
    return word.is(LOAD_ACQUIRE) || BY_NAME.containsKey(word.text());
  }

  /** What follows {@code lock}. */
  Insn lock() {
    in.expect("*");
    var size = operands.size();
    var mem = operands.memory();
    var op =
        switch (in.peek().text()) {
          case "+=" -> AtomicOp.ADD;
          case "|=" -> AtomicOp.OR;
          case "&=" -> AtomicOp.AND;
          case "^=" -> AtomicOp.XOR;
          default -> throw in.expected("+=, |=, &= or ^=");
        };
    in.next();
    return new Atomic(op, size, mem, operands.register().of(size));
  }

  /** What follows {@code store_release}. */
  Insn storeRelease() {
    in.expect("(");
    var size = operands.size();
    var mem = operands.memory();
    in.expect(",");
    var src = operands.register().of(size);
    in.expect(")");
    return new StoreRelease(size, mem, src);
  }

  /** What follows {@code r1 =}. */
  Insn value(Named dst) {
    var name = in.next();
    in.expect("(");
    if (name.is(LOAD_ACQUIRE)) {
      var size = operands.size();
      var mem = operands.memory();
      in.expect(")");
      return new LoadAcquire(size, dst.of(size), mem);
    }
    var named = BY_NAME.get(name.text());
    var size = named.size();
    Mem mem;
    if (named.typed()) {
      var type = in.peek(1);
      var found = operands.size();
      if (size != null && found != size) {
        throw new ParseFailure(
            type, "expected u" + size.bytes() * 8 + ": " + name.text() + " has no other size");
      }
      size = found;
      mem = operands.memory();
    } else {
      mem = operands.place();
    }
    in.expect(",");
    var result = dst.of(size);
    if (named.op() == AtomicOp.CMPXCHG) {
      requireR0(dst, size);
      requireR0(operands.register("r0"), size);
      in.expect(",");
    }
    var src = operands.register();
    if (named.op() != AtomicOp.CMPXCHG && src.of(size) != result) {
      throw new ParseFailure(
          src.token(),
          "expected " + dst.token().text() + ": the old value goes where this one was");
    }
    in.expect(")");
    return new Atomic(named.op(), size, mem, src.of(size));
  }

  private static void requireR0(Named reg, MemSize size) {
    if (reg.of(size) != Reg.R0) {
      throw new ParseFailure(
          reg.token(), "expected r0: cmpxchg compares with it and puts the old value there");
    }
  }
}
