package io.github.purebpf.asm;

import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.LocalCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Finds the functions of a program: what was named, and what its calls and callbacks point at. */
final class FunctionFinder {
  private static final List<BpfFunction> ENTRY_ALONE = List.of(new BpfFunction(BpfCode.ENTRY, 0));

  private FunctionFinder() {}

  /**
   * @param names the functions that have a name, by their first slot
   */
  static List<BpfFunction> functionsOf(List<? extends Insn> insns, Map<Integer, String> names) {
    var starts = new TreeSet<Long>();
    names.keySet().forEach(start -> starts.add((long) start));
    int slot = 0;
    for (var insn : insns) {
      if (insn instanceof LocalCall(int offset)) {
        starts.add(slot + 1L + offset);
      } else if (insn instanceof LoadImm64(var _, var value)) {
        if (value instanceof Imm64.Function(int offset)) {
          starts.add(slot + 1L + offset);
        }
        slot++;
      }
      slot++;
    }
    if (starts.isEmpty()) {
      return ENTRY_ALONE;
    }
    var functions = new ArrayList<>(ENTRY_ALONE);
    for (long start : starts) {
      // A call out of the program, or of the entry itself, makes no function.
      if (start > 0 && start < slot) {
        int first = (int) start;
        functions.add(new BpfFunction(names.getOrDefault(first, "f" + first), first));
      }
    }
    return List.copyOf(functions);
  }
}
