package io.github.purebpf.elf;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.BpfFunction;
import io.github.purebpf.insn.AsmException;
import io.github.purebpf.insn.Branch;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.Jump;
import io.github.purebpf.insn.LongJump;
import io.github.purebpf.insn.MayGoto;
import java.util.Map;
import java.util.TreeMap;

/** The functions of a program, which go to different sections. */
final class ProgramParts {
  private final BpfCode code;

  /** The names of the functions by their first slots. */
  private final TreeMap<Integer, String> starts = new TreeMap<>();

  ProgramParts(BpfCode code) {
    this.code = code;
    // Those that are called, and those that are only said to be functions.
    BpfCode.of(code.insns()).functions().forEach(this::add);
    code.functions().forEach(this::add);
  }

  private void add(BpfFunction function) {
    starts.put(function.start(), function.name());
  }

  /** Names by first slots; the entry is at 0. */
  Map<Integer, String> starts() {
    return starts;
  }

  /** The slot behind the function that begins at one. */
  int end(int start) {
    var next = starts.higherKey(start);
    return next == null ? code.slots() : next;
  }

  /**
   * The first slot of the function that an instruction refers to, which is not the entry.
   *
   * @param slot the instruction's
   */
  int function(int slot, int offset) {
    long target = slot + 1L + offset;
    if (target == 0) {
      throw refused(slot, "the entry is called; in an object, only the other functions are");
    }
    if (target < 0 || target > Integer.MAX_VALUE || !starts.containsKey((int) target)) {
      throw refused(slot, "there is no function at slot " + target);
    }
    return (int) target;
  }

  /** Refuses a jump out of its function, which would end up elsewhere. */
  void checkJump(int slot, Insn insn) {
    switch (insn) {
      case Jump(int offset) -> checkJump(slot, offset);
      case LongJump(int offset) -> checkJump(slot, offset);
      case Branch branch -> checkJump(slot, branch.offset());
      case MayGoto(var _, int offset) -> checkJump(slot, offset);
      default -> {
        // No other instruction names a slot of the same function.
      }
    }
  }

  private void checkJump(int slot, int offset) {
    int start = starts.floorKey(slot);
    long target = slot + 1L + offset;
    if (target < start || target >= end(start)) {
      throw refused(slot, "the jump to slot " + target + " leaves its function");
    }
  }

  AsmException refused(int slot, String problem) {
    return new AsmException(problem, code.sourceLine(slot).orElse(null));
  }
}
