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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives jumps and calls their offsets. All jumps start in their short form; those that do not reach
 * grow, which may push others out of reach, until nothing changes. Nothing shrinks, so it ends.
 */
final class JumpResolver {
  /** A target's slot, and which function it belongs to. */
  private record Place(int slot, int function) {}

  private final List<Element> elements = new ArrayList<>();
  private final int[] functionOf;
  private final boolean[] far;
  private final int[] starts;
  private final Map<Target, Place> places = new HashMap<>();
  private final List<Insn> insns = new ArrayList<>();
  private final List<SourceLine> lines = new ArrayList<>();

  private JumpResolver(List<List<Element>> functions) {
    functions.forEach(elements::addAll);
    functionOf = new int[elements.size()];
    far = new boolean[elements.size()];
    starts = new int[elements.size()];
    int next = 0;
    for (int function = 0; function < functions.size(); function++) {
      for (int i = 0; i < functions.get(function).size(); i++) {
        functionOf[next++] = function;
      }
    }
  }

  /** The finished program. */
  static BpfCode resolve(ProgramBuffer program) {
    var resolver = new JumpResolver(program.functions());
    do {
      resolver.place();
    } while (resolver.grow());
    resolver.emit();
    return new BpfCode(resolver.insns, resolver.lines, resolver.functions());
  }

  private void place() {
    int slot = 0;
    for (int i = 0; i < starts.length; i++) {
      starts[i] = slot;
      switch (elements.get(i)) {
        case Element.Binding(var target) -> places.put(target, new Place(slot, functionOf[i]));
        case Element.Placed(var insn, var _, var _) ->
            slot += far[i] ? farSlots(insn) : insn.slots();
      }
    }
  }

  private boolean grow() {
    boolean grown = false;
    for (int i = 0; i < starts.length; i++) {
      if (!far[i]
          && elements.get(i) instanceof Element.Placed placed
          && placed.target() instanceof Label
          && !(placed.insn() instanceof LongJump)) {
        int offset = slotOf(i, placed) - (starts[i] + 1);
        if (offset != (short) offset) {
          far[i] = true;
          grown = true;
        }
      }
    }
    return grown;
  }

  private int slotOf(int index, Element.Placed placed) {
    var place = places.get(placed.target());
    return switch (placed.target()) {
      case Label label when place == null ->
          throw new AsmException("label " + label + " is never bound", placed.line());
      case Label label when place.function() != functionOf[index] ->
          throw new AsmException("label " + label + " is in another function", placed.line());
      case FunctionRef function when place == null ->
          throw new AsmException("function " + function + " has no body", placed.line());
      case Label _, FunctionRef _ -> place.slot();
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
    for (int i = 0; i < starts.length; i++) {
      if (elements.get(i) instanceof Element.Placed placed) {
        if (placed.target() == null) {
          add(placed.insn(), placed);
        } else if (far[i]) {
          emitFar(placed, slotOf(i, placed) - (starts[i] + farSlots(placed.insn())));
        } else {
          add(withOffset(placed.insn(), slotOf(i, placed) - (starts[i] + 1)), placed);
        }
      }
    }
  }

  private void emitFar(Element.Placed placed, int offset) {
    switch (placed.insn()) {
      case Branch(var width, var cond, var dst, var src, int _) when cond.inverse().isPresent() ->
          add(new Branch(width, cond.inverse().get(), dst, src, 1), placed);
      case Branch _, MayGoto _ -> {
        add(withOffset(placed.insn(), 1), placed);
        add(new Jump(1), placed);
      }
      default -> {}
    }
    add(new LongJump(offset), placed);
  }

  private void add(Insn insn, Element.Placed origin) {
    insns.add(insn);
    lines.add(origin.line());
  }

  private List<BpfFunction> functions() {
    var names = new HashMap<Integer, String>();
    for (var element : elements) {
      if (element instanceof Element.Binding(FunctionRef function)) {
        names.put(places.get(function).slot(), function.name());
      }
    }
    return FunctionFinder.functionsOf(insns, names);
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
