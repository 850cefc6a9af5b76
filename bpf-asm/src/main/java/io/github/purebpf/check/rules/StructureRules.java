package io.github.purebpf.check.rules;

import io.github.purebpf.check.Rule;
import io.github.purebpf.check.flow.Program;
import io.github.purebpf.insn.IndirectJump;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.Jump;
import io.github.purebpf.insn.KfuncCall;
import io.github.purebpf.insn.LongJump;
import io.github.purebpf.insn.RawInsn;
import java.util.ArrayDeque;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * The shape of the program, which the kernel looks at before it follows any path: opcodes, jumps,
 * functions, reachability. All findings are errors.
 */
public final class StructureRules {
  /** With the entry, {@code BPF_MAX_SUBPROGS}. */
  private static final int MAX_FUNCTIONS = 256;

  private final Program program;
  private final Findings findings;

  private StructureRules(Program program, Findings findings) {
    this.program = program;
    this.findings = findings;
  }

  /** Looks at the whole program. */
  public static void check(Program program, Findings findings) {
    if (program.size() == 0) {
      findings.breaks(
          0,
          new Flaw(
              Rule.EMPTY_PROGRAM,
              "the program has no instruction",
              "end it with mov(R0, ...) and exit()"));
      return;
    }
    var rules = new StructureRules(program, findings);
    for (int i = 0; i < program.size(); i++) {
      rules.opcode(i);
      rules.jump(i);
      rules.call(i);
    }
    for (int function = 0; function < program.functions(); function++) {
      rules.end(function);
    }
    rules.count();
    if (findings.shapeHolds()) {
      rules.reachable();
      CallRules.depth(program, findings);
    }
  }

  private void opcode(int index) {
    RawRules.diagnose(program.insn(index))
        .filter(RawRules.Diagnosis::always)
        .ifPresent(diagnosis -> findings.breaks(program.slot(index), diagnosis.flaw()));
  }

  private void jump(int index) {
    var jump = program.jumpSlot(index);
    if (jump.isEmpty()) {
      return;
    }
    int slot = program.slot(index);
    long target = jump.getAsLong();
    if (target < 0 || target >= program.slots()) {
      findings.breaks(
          slot,
          new Flaw(
              Rule.JUMP_OUT_OF_RANGE,
              "the jump goes to slot " + target + ", and the program has 0 to " + lastSlot(),
              "jump to a label that is bound in this program"));
    } else if (program.functionAt((int) target) != program.functionAt(slot)) {
      findings.breaks(
          slot,
          new Flaw(
              Rule.JUMP_ACROSS_FUNCTIONS,
              "the jump goes to slot " + target + " in another function",
              "call the function, or move the target into this one"));
    } else if (program.indexAt(target).isEmpty()) {
      findings.breaks(
          slot,
          new Flaw(
              Rule.JUMP_INTO_LDDW,
              "the jump goes to slot " + target + ", the second half of a 64-bit constant",
              "jump to the first half at slot " + (target - 1) + " or behind it"));
    }
  }

  private void call(int index) {
    var callee = program.calleeSlot(index);
    if (callee.isPresent() && program.indexAt(callee.getAsLong()).isEmpty()) {
      boolean inside = callee.getAsLong() >= 0 && callee.getAsLong() < program.slots();
      findings.breaks(
          program.slot(index),
          new Flaw(
              Rule.CALL_TARGET,
              inside
                  ? "the function at slot %d would start in the second half of a 64-bit constant"
                      .formatted(callee.getAsLong())
                  : "the function at slot %d is not in the program, which has 0 to %d"
                      .formatted(callee.getAsLong(), lastSlot()),
              "call a function of this program"));
    }
  }

  private int lastSlot() {
    return program.slots() - 1;
  }

  private void end(int function) {
    int end = program.end(function);
    int last = program.indexAt(end - 1L).orElseGet(() -> program.indexAt(end - 2L).orElseThrow());
    if (endsFlow(program.insn(last))) {
      return;
    }
    var flaw =
        new Flaw(
            Rule.FALL_THROUGH,
            program.end(function) == program.slots()
                ? "control runs out of the program"
                : "control runs into the function at slot " + program.end(function),
            "end the function with exit() or a jump");
    // bpf_throw does not return, and kernels may come to see that.
    if (program.insn(last) instanceof KfuncCall) {
      findings.warning(program.slot(last), flaw);
    } else {
      findings.breaks(program.slot(last), flaw);
    }
  }

  private void count() {
    if (program.functions() > MAX_FUNCTIONS) {
      findings.breaks(
          program.start(MAX_FUNCTIONS),
          new Flaw(
              Rule.TOO_MANY_FUNCTIONS,
              "the program has %d functions, and the kernel takes %d"
                  .formatted(program.functions(), MAX_FUNCTIONS),
              "write some of the functions inline"));
    }
  }

  private boolean endsFlow(Insn insn) {
    return insn instanceof RawInsn(var slot)
        ? slot.opcode() == 0x05 || slot.opcode() == 0x06 || slot.opcode() == 0x95
        : insn.endsFlow();
  }

  private void reachable() {
    var reached = new boolean[program.size()];
    var next = new ArrayDeque<Integer>();
    next.push(0);
    while (!next.isEmpty()) {
      int index = next.pop();
      if (reached[index]) {
        continue;
      }
      reached[index] = true;
      if (program.insn(index) instanceof IndirectJump) {
        return; // it goes to any instruction of an array map
      }
      program.successors(index).forEach(next::push);
      program.calleeSlot(index).ifPresent(slot -> next.push(program.indexAt(slot).orElseThrow()));
    }
    firstOfRun(reached)
        .ifPresent(
            index ->
                findings.breaks(
                    program.slot(index),
                    new Flaw(
                        Rule.UNREACHABLE_CODE,
                        "no path leads here",
                        isJump(index - 1)
                            ? "remove it, or bind a label here that something jumps to"
                            : "remove the function, or call it")));
  }

  private boolean isJump(int index) {
    return program.insn(index) instanceof Jump || program.insn(index) instanceof LongJump;
  }

  private static OptionalInt firstOfRun(boolean[] reached) {
    return IntStream.range(0, reached.length).filter(i -> !reached[i]).findFirst();
  }
}
