package io.github.purebpf.check.rules;

import io.github.purebpf.check.Rule;
import io.github.purebpf.check.flow.Program;
import io.github.purebpf.check.flow.Stack;
import io.github.purebpf.insn.LocalCall;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How deep functions are nested, and how much stack they take together. */
final class CallRules {
  /** Functions that can be active at one time, {@code MAX_CALL_FRAMES}. */
  static final int MAX_FRAMES = 8;

  private record Call(int slot, int callee) {}

  private final Program program;
  private final Findings findings;
  private final List<List<Call>> calls = new ArrayList<>();

  private CallRules(Program program, Findings findings) {
    this.program = program;
    this.findings = findings;
    for (int i = 0; i < program.functions(); i++) {
      calls.add(new ArrayList<>());
    }
    for (int i = 0; i < program.size(); i++) {
      if (program.insn(i) instanceof LocalCall) {
        int callee = program.functionAt((int) program.calleeSlot(i).orElseThrow());
        calls.get(program.functionAt(program.slot(i))).add(new Call(program.slot(i), callee));
      }
    }
  }

  /** Recursion and more than 8 frames; the kernel counts calls in dead code, too. */
  static void depth(Program program, Findings findings) {
    var rules = new CallRules(program, findings);
    if (!rules.findRecursion(0, new int[program.functions()])) {
      rules.findDepth(0, 1, new int[program.functions()]);
    }
  }

  /** Colours: 0 not seen, 1 on the path from the entry, 2 done. */
  private boolean findRecursion(int function, int[] colour) {
    colour[function] = 1;
    boolean recursive = false;
    for (var call : calls.get(function)) {
      if (colour[call.callee] == 1) {
        recursive = true;
        findings.breaks(
            call.slot,
            new Flaw(
                Rule.RECURSION,
                "the call at slot %d leads back to the function at slot %d"
                    .formatted(call.slot, program.start(call.callee)),
                "use a bounded loop, or bpf_loop with a callback"));
      } else if (colour[call.callee] == 0) {
        recursive |= findRecursion(call.callee, colour);
      }
    }
    colour[function] = 2;
    return recursive;
  }

  private void findDepth(int function, int depth, int[] deepest) {
    if (deepest[function] >= depth) {
      return;
    }
    deepest[function] = depth;
    for (var call : calls.get(function)) {
      if (depth == MAX_FRAMES) {
        findings.breaks(
            call.slot,
            new Flaw(
                Rule.CALL_DEPTH,
                "this call is the %dth nested function, and the kernel has room for %d"
                    .formatted(depth + 1, MAX_FRAMES),
                "write some of the functions inline"));
      } else {
        findDepth(call.callee, depth + 1, deepest);
      }
    }
  }

  /** The stack of nested functions, of which the certain paths use so much and all so much. */
  static void stack(
      Program program, int[] certain, int[] possible, boolean shared, Findings findings) {
    var rules = new CallRules(program, findings);
    // The kernel rounds to 16 bytes with a JIT compiler and to 32 without.
    int least = rules.stack(0, certain, 16, new HashMap<>());
    int most = rules.stack(0, possible, 32, new HashMap<>());
    if (most > Stack.BYTES) {
      boolean sure = shared && least > Stack.BYTES;
      findings.add(
          0,
          sure,
          new Flaw(
              Rule.COMBINED_STACK,
              "nested functions take up to %d bytes of stack, and all of them have %d"
                  .formatted(sure ? least : most, Stack.BYTES),
              "use less stack, or an array map for what is large"));
    }
  }

  private int stack(int function, int[] depth, int unit, Map<Integer, Integer> known) {
    var before = known.get(function);
    if (before != null) {
      return before;
    }
    int deepest = 0;
    for (var call : calls.get(function)) {
      deepest = Math.max(deepest, stack(call.callee, depth, unit, known));
    }
    int sum = deepest + Math.ceilDiv(Math.max(depth[function], 1), unit) * unit;
    known.put(function, sum);
    return sum;
  }
}
