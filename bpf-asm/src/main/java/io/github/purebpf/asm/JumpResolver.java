package io.github.purebpf.asm;

import io.github.purebpf.insn.AsmException;
import io.github.purebpf.insn.Branch;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.Jump;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.LocalCall;
import io.github.purebpf.insn.LongJump;
import io.github.purebpf.insn.MayGoto;
import io.github.purebpf.insn.SourceLine;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives jumps and calls their offsets. All jumps start in their short form; those that do not reach
 * grow, which may push others out of reach, until nothing changes. Nothing shrinks, so it ends.
 */
final class JumpResolver {
  /** In a program of at most so many slots each jump reaches each place with 16 bits. */
  private static final int ALL_IN_REACH = 1 << 15;

  private final List<CodeBuffer> functions;
  private final Map<FunctionRef, Integer> indexes;

  /** The index of each function's first instruction among all; their number at the end. */
  private final int[] firsts;

  /** The slot of each instruction; their number at the end. */
  private final int[] starts;

  private final boolean[] far;

  /** How many instructions those that grew are more. */
  private int more;

  private Insn[] insns;
  private SourceLine[] lines;
  private int emitted;

  private JumpResolver(ProgramBuffer program) {
    functions = program.functions();
    indexes = program.indexes();
    firsts = new int[functions.size() + 1];
    for (int f = 0; f < functions.size(); f++) {
      firsts[f + 1] = firsts[f] + functions.get(f).size();
    }
    int count = firsts[functions.size()];
    starts = new int[count + 1];
    far = new boolean[count];
  }

  /** The finished program. */
  static BpfCode resolve(ProgramBuffer program) {
    var resolver = new JumpResolver(program);
    do {
      resolver.place();
    } while (resolver.grow());
    resolver.emit();
    return new BpfCode(
        List.of(resolver.insns),
        resolver.lines == null
            ? List.of()
            : Collections.unmodifiableList(Arrays.asList(resolver.lines)),
        resolver.named());
  }

  private void place() {
    int slot = 0;
    int at = 0;
    for (var function : functions) {
      for (int i = 0; i < function.size(); i++) {
        var insn = function.insn(i);
        starts[at] = slot;
        slot += far[at] ? farSlots(insn) : slots(insn);
        at++;
      }
    }
    starts[at] = slot;
  }

  /** As {@link Insn#slots}, which the JVM would not inline for all its instructions. */
  private static int slots(Insn insn) {
    return insn instanceof LoadImm64 ? 2 : 1;
  }

  private boolean grow() {
    if (starts[far.length] <= ALL_IN_REACH) {
      return false;
    }
    boolean grown = false;
    for (int f = 0; f < functions.size(); f++) {
      var function = functions.get(f);
      for (int i = 0; i < function.size(); i++) {
        int at = firsts[f] + i;
        var insn = function.insn(i);
        if (!far[at] && function.target(i) instanceof Label && !(insn instanceof LongJump)) {
          int offset = slotOf(f, i) - (starts[at] + 1);
          if (offset != (short) offset) {
            far[at] = true;
            more += farSlots(insn) - 1;
            grown = true;
          }
        }
      }
    }
    return grown;
  }

  /** The slot that an instruction jumps to or calls. */
  private int slotOf(int function, int index) {
    var from = functions.get(function);
    return switch (from.target(index)) {
      case Label label when label.function() == from -> starts[firsts[function] + label.index()];
      case Label label ->
          throw new AsmException(
              "label "
                  + label
                  + (label.function() == null ? " is never bound" : " is in another function"),
              from.line(index));
      case FunctionRef called when indexes.containsKey(called) ->
          starts[firsts[indexes.get(called)]];
      case FunctionRef called ->
          throw new AsmException("function " + called + " has no body", from.line(index));
    };
  }

  private static int farSlots(Insn insn) {
    return switch (insn) {
      case Branch branch when branch.cond().inverse().isPresent() -> 2;
      case Branch _, MayGoto _ -> 3;
      default -> 1;
    };
  }

  private void emit() {
    insns = new Insn[far.length + more];
    for (int f = 0; f < functions.size(); f++) {
      var function = functions.get(f);
      if (function.hasLines() && lines == null) {
        lines = new SourceLine[insns.length];
      }
      for (int i = 0; i < function.size(); i++) {
        emit(f, i, function.insn(i), function.line(i));
      }
    }
  }

  private void emit(int function, int index, Insn insn, SourceLine line) {
    int at = firsts[function] + index;
    if (functions.get(function).target(index) == null) {
      add(insn, line);
    } else if (far[at]) {
      emitFar(insn, slotOf(function, index) - (starts[at] + farSlots(insn)), line);
    } else {
      add(withOffset(insn, slotOf(function, index) - (starts[at] + 1)), line);
    }
  }

  private void emitFar(Insn insn, int offset, SourceLine line) {
    switch (insn) {
      case Branch(var width, var cond, var dst, var src, int _) when cond.inverse().isPresent() ->
          add(new Branch(width, cond.inverse().get(), dst, src, 1), line);
      case Branch _, MayGoto _ -> {
        add(withOffset(insn, 1), line);
        add(new Jump(1), line);
      }
      default -> {}
    }
    add(new LongJump(offset), line);
  }

  private void add(Insn insn, SourceLine line) {
    insns[emitted] = insn;
    if (line != null) {
      lines[emitted] = line;
    }
    emitted++;
  }

  private List<BpfFunction> named() {
    var names = new HashMap<Integer, String>();
    indexes.forEach((function, index) -> names.put(starts[firsts[index]], function.name()));
    return FunctionFinder.functionsOf(Arrays.asList(insns), names);
  }

  private static Insn withOffset(Insn insn, int offset) {
    return switch (insn) {
      case Jump _ -> new Jump(offset);
      case LongJump _ -> new LongJump(offset);
      case Branch(var width, var cond, var dst, var src, int _) ->
          new Branch(width, cond, dst, src, offset);
      case MayGoto(var kind, int _) -> new MayGoto(kind, offset);
      case LocalCall _ -> new LocalCall(offset);
      case LoadImm64(var dst, Imm64.Function _) -> new LoadImm64(dst, new Imm64.Function(offset));
      default -> throw new AssertionError(insn + " has no target");
    };
  }
}
