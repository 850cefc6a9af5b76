package io.github.purebpf.text;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.insn.Branch;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.Jump;
import io.github.purebpf.insn.Kfunc;
import io.github.purebpf.insn.KfuncCall;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.LocalCall;
import io.github.purebpf.insn.LongJump;
import io.github.purebpf.insn.MayGoto;
import java.util.BitSet;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/** Prints a program with labels, such that the text is read back to the same bytes. */
final class ProgramPrinter {
  private final BpfCode code;
  private final InsnPrinter printer;

  /** The slots where an instruction begins. */
  private final BitSet starts = new BitSet();

  /** The functions with a label of their own, by their first slot. */
  private final TreeMap<Integer, String> functions = new TreeMap<>();

  private final Set<String> functionNames = new HashSet<>();

  /** The slots that a jump of the same function goes to. */
  private final BitSet targets = new BitSet();

  /** The functions that a call or an address names. */
  private final Set<Integer> named = new HashSet<>();

  private final String labelPrefix;

  ProgramPrinter(BpfCode code, InsnPrinter printer) {
    this.code = code;
    this.printer = printer;
    int slot = 0;
    for (var insn : code.insns()) {
      starts.set(slot);
      slot += insn.slots();
    }
    nameFunctions();
    findTargets();
    labelPrefix = labelPrefix();
  }

  String print() {
    var out = new StringBuilder();
    int slot = 0;
    for (var insn : code.insns()) {
      var function = functions.get(slot);
      if (function != null) {
        if (!named.contains(slot)) {
          out.append(".type ").append(function).append(", @function\n");
        }
        out.append(function).append(":\n");
      }
      if (targets.get(slot)) {
        out.append(label(slot)).append(":\n");
      }
      out.append('\t').append(line(insn, slot)).append('\n');
      slot += insn.slots();
    }
    return out.toString();
  }

  private String line(Insn insn, int slot) {
    if (insn instanceof KfuncCall(Kfunc.Named kfunc) && functionNames.contains(kfunc.name())) {
      return CommonForms.kfunc(kfunc);
    }
    if (insn instanceof LoadImm64(var dst, Imm64.NamedMap(var map))
        && functionNames.contains(map.name())) {
      return dst + " = " + CommonForms.map(map) + " ll";
    }
    var jump = jumpTarget(insn, slot);
    if (jump.isPresent()) {
      return printer.print(insn, label(jump.getAsInt()));
    }
    var call = callTarget(insn, slot);
    return printer.print(insn, call.isPresent() ? functions.get(call.getAsInt()) : null);
  }

  private String label(int slot) {
    return labelPrefix + slot;
  }

  private void nameFunctions() {
    for (var function : code.functions()) {
      if (function.start() > 0
          && starts.get(function.start())
          && Names.isPlain(function.name())
          && functionNames.add(function.name())) {
        functions.put(function.start(), function.name());
      }
    }
  }

  private void findTargets() {
    int slot = 0;
    for (var insn : code.insns()) {
      jumpTarget(insn, slot).ifPresent(targets::set);
      callTarget(insn, slot).ifPresent(named::add);
      slot += insn.slots();
    }
  }

  /** Where a jump goes, if a label can stand there: an instruction of the same function. */
  private OptionalInt jumpTarget(Insn insn, int slot) {
    return switch (insn) {
      case Jump(int offset) -> inFunction(slot, offset);
      case LongJump(int offset) -> inFunction(slot, offset);
      case Branch branch -> inFunction(slot, branch.offset());
      case MayGoto(var _, int offset) -> inFunction(slot, offset);
      default -> OptionalInt.empty();
    };
  }

  private OptionalInt inFunction(int slot, int offset) {
    long to = slot + 1L + offset;
    if (to < 0 || to > Integer.MAX_VALUE || !starts.get((int) to)) {
      return OptionalInt.empty();
    }
    int target = (int) to;
    return functionAt(slot) == functionAt(target) ? OptionalInt.of(target) : OptionalInt.empty();
  }

  private int functionAt(int slot) {
    var start = functions.floorKey(slot);
    return start == null ? 0 : start;
  }

  /** The function that a call or an address refers to, if it has a label. */
  private OptionalInt callTarget(Insn insn, int slot) {
    return switch (insn) {
      case LocalCall(int offset) -> function(slot, offset);
      case LoadImm64(var _, Imm64.Function(int offset)) -> function(slot, offset);
      default -> OptionalInt.empty();
    };
  }

  private OptionalInt function(int slot, int offset) {
    long to = slot + 1L + offset;
    return to > 0 && to <= Integer.MAX_VALUE && functions.containsKey((int) to)
        ? OptionalInt.of((int) to)
        : OptionalInt.empty();
  }

  /** What labels begin with, so that they are no other name of the program. */
  private String labelPrefix() {
    var prefix = "L";
    var names = names();
    while (isTaken(names, prefix)) {
      prefix += "_";
    }
    return prefix;
  }

  private static boolean isTaken(Set<String> names, String prefix) {
    return names.stream().anyMatch(name -> name.startsWith(prefix));
  }

  private Set<String> names() {
    var names = new HashSet<>(functionNames);
    code.maps().forEach(map -> names.add(map.name()));
    for (var insn : code.insns()) {
      if (insn instanceof KfuncCall(Kfunc.Named(var name))) {
        names.add(name);
      }
    }
    return names;
  }
}
