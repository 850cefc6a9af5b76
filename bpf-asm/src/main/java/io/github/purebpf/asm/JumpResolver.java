package io.github.purebpf.asm;

import io.github.purebpf.insn.AsmException;
import io.github.purebpf.insn.Branch;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.Jump;
import io.github.purebpf.insn.LongJump;
import io.github.purebpf.insn.MayGoto;
import io.github.purebpf.insn.SourceLine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives jumps their offsets. All start in their short form; those that do not reach grow, which may
 * push others out of reach, until nothing changes. Nothing shrinks, so it ends.
 */
final class JumpResolver {
  private final List<Element> elements;
  private final boolean[] far;
  private final int[] starts;
  private final Map<Label, Integer> targets = new HashMap<>();
  private final List<Insn> insns = new ArrayList<>();
  private final List<SourceLine> lines = new ArrayList<>();

  private JumpResolver(List<Element> elements) {
    this.elements = elements;
    this.far = new boolean[elements.size()];
    this.starts = new int[elements.size()];
  }

  /** The finished program. */
  static BpfCode resolve(List<Element> elements) {
    var resolver = new JumpResolver(elements);
    do {
      resolver.place();
    } while (resolver.grow());
    resolver.emit();
    return new BpfCode(resolver.insns, resolver.lines);
  }

  private void place() {
    int slot = 0;
    for (int i = 0; i < starts.length; i++) {
      starts[i] = slot;
      switch (elements.get(i)) {
        case Element.Binding(var label) -> targets.put(label, slot);
        case Element.Placed(var insn, var _, var _) ->
            slot += far[i] ? farSlots(insn) : insn.slots();
      }
    }
  }

  private boolean grow() {
    boolean grown = false;
    for (int i = 0; i < starts.length; i++) {
      if (!far[i] && elements.get(i) instanceof Element.Placed placed && placed.target() != null) {
        int offset = slotOf(placed) - (starts[i] + 1);
        if (offset != (short) offset) {
          far[i] = true;
          grown = true;
        }
      }
    }
    return grown;
  }

  private int slotOf(Element.Placed jump) {
    Integer slot = targets.get(jump.target());
    if (slot == null) {
      throw new AsmException("label " + jump.target() + " is never bound", jump.line());
    }
    return slot;
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
          emitFar(placed, starts[i]);
        } else {
          add(withOffset(placed.insn(), slotOf(placed) - (starts[i] + 1)), placed);
        }
      }
    }
  }

  private void emitFar(Element.Placed placed, int start) {
    var gotol = new LongJump(slotOf(placed) - (start + farSlots(placed.insn())));
    switch (placed.insn()) {
      case Branch(var width, var cond, var dst, var src, int _) when cond.inverse().isPresent() ->
          add(new Branch(width, cond.inverse().get(), dst, src, 1), placed);
      case Branch _, MayGoto _ -> {
        add(withOffset(placed.insn(), 1), placed);
        add(new Jump(1), placed);
      }
      default -> {}
    }
    add(gotol, placed);
  }

  private void add(Insn insn, Element.Placed origin) {
    insns.add(insn);
    lines.add(origin.line());
  }

  private static Insn withOffset(Insn insn, int offset) {
    return switch (insn) {
      case Jump _ -> new Jump(offset);
      case Branch(var width, var cond, var dst, var src, int _) ->
          new Branch(width, cond, dst, src, offset);
      case MayGoto(var kind, int _) -> new MayGoto(kind, offset);
      default -> throw new AssertionError(insn + " has no target");
    };
  }
}
