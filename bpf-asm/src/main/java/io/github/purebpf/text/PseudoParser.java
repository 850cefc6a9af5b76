package io.github.purebpf.text;

import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.Width;
import io.github.purebpf.text.Operands.Named;
import io.github.purebpf.text.Parsed.Reference;
import io.github.purebpf.text.Token.Kind;

/** Reads the addresses that {@code lddw} loads: maps, values of maps, functions, kernel symbols. */
final class PseudoParser {
  private final TokenCursor in;
  private final NumberReader numbers;
  private final Operands operands;

  PseudoParser(TokenCursor in, NumberReader numbers, Operands operands) {
    this.in = in;
    this.numbers = numbers;
    this.operands = operands;
  }

  /** {@code NAME ll}: a callback if the text has a label of this name, else a map. */
  Parsed symbol(Named dst) {
    var name = in.next();
    in.expect("ll");
    return named(dst, Reference.Kind.ADDRESS, name);
  }

  /** {@code map[..]}, {@code btf[..]} or {@code subprog[..]}. */
  Parsed bracketed(Named dst) {
    var word = in.next();
    in.expect("[");
    var parsed =
        switch (word.text()) {
          case "map" -> Parsed.of(load(dst, map()));
          case "btf" -> Parsed.of(load(dst, btf()));
          case "subprog" -> subprog(dst);
          default -> throw new ParseFailure(word, "expected map, btf or subprog");
        };
    boolean _ = in.accept("ll");
    return parsed;
  }

  private static Insn load(Named dst, Imm64 value) {
    return new LoadImm64(dst.of(Width.W64), value);
  }

  private static Parsed named(Named dst, Reference.Kind kind, Token name) {
    return new Parsed(load(dst, new Imm64.Function(0)), new Reference(kind, name.text(), name));
  }

  private Imm64 map() {
    var token = in.peek();
    if (in.peek(1).is(":")) {
      return numberedMap();
    }
    if (token.kind() != Kind.WORD && token.kind() != Kind.NUMBER) {
      throw in.expected("a map's name, fd:N or idx:N");
    }
    in.next();
    in.expect("]");
    var map = new MapRef(token.text());
    return value() ? new Imm64.NamedMapValue(map, offset()) : new Imm64.NamedMap(map);
  }

  private Imm64 numberedMap() {
    var kind = in.next();
    in.expect(":");
    int number = numbers.word("a number");
    in.expect("]");
    return switch (kind.text()) {
      case "fd" -> value() ? new Imm64.MapValueFd(number, offset()) : new Imm64.MapFd(number);
      // bpftool leaves the [0] out here.
      case "idx" ->
          value() || in.at("+") || in.at("-")
              ? new Imm64.MapValueIndex(number, offset())
              : new Imm64.MapIndex(number);
      // No program refers to a map by its id, so the dump's id becomes a name.
      case "id" -> {
        var map = new MapRef("id." + Integer.toUnsignedString(number));
        yield value() ? new Imm64.NamedMapValue(map, offset()) : new Imm64.NamedMap(map);
      }
      default -> throw new ParseFailure(kind, "expected fd, idx or id");
    };
  }

  /** Takes {@code [0]} if it is there. */
  private boolean value() {
    if (!in.accept("[")) {
      return false;
    }
    int _ = numbers.index("0", 0);
    in.expect("]");
    return true;
  }

  private int offset() {
    return in.at("+") || in.at("-") ? numbers.word("an offset") : 0;
  }

  private Imm64 btf() {
    int typeId = numbers.word("a BTF id");
    int fd = in.accept(":") ? numbers.word("a file descriptor") : 0;
    in.expect("]");
    return new Imm64.BtfId(typeId, fd);
  }

  private Parsed subprog(Named dst) {
    Parsed parsed;
    if (in.peek().kind() == Kind.WORD) {
      parsed = named(dst, Reference.Kind.CALLBACK, in.next());
    } else {
      parsed =
          Parsed.of(load(dst, new Imm64.Function(numbers.signed32("a name or an offset", ""))));
    }
    in.expect("]");
    return parsed;
  }

  /** What follows {@code ld_pseudo}: {@code r1, kind, imm} and, which LLVM lacks, the next imm. */
  Insn ldPseudo() {
    Reg dst = operands.wide();
    in.expect(",");
    int start = in.peek().start();
    int kind = numbers.index("a number from 0 to 6", 6);
    in.expect(",");
    int imm = numbers.word("a number");
    int next = in.accept(",") ? numbers.word("a number") : 0;
    var value =
        switch (kind) {
          case 0 -> new Imm64.Const((long) next << 32 | (imm & 0xffff_ffffL));
          case 1 -> new Imm64.MapFd(imm);
          case 2 -> new Imm64.MapValueFd(imm, next);
          case 3 -> new Imm64.BtfId(imm, next);
          case 4 -> new Imm64.Function(imm);
          case 5 -> new Imm64.MapIndex(imm);
          case 6 -> new Imm64.MapValueIndex(imm, next);
          default -> throw new AssertionError("checked above");
        };
    if (next != 0 && (kind == 1 || kind == 4 || kind == 5)) {
      throw new ParseFailure(start, in.end(), "kind " + kind + " has no second number");
    }
    return new LoadImm64(dst, value);
  }
}
