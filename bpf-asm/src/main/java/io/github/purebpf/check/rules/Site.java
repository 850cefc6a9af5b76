package io.github.purebpf.check.rules;

import static io.github.purebpf.check.flow.Value.Anything.ANYTHING;

import io.github.purebpf.check.Rule;
import io.github.purebpf.check.flow.Frame;
import io.github.purebpf.check.flow.Scalar;
import io.github.purebpf.check.flow.State;
import io.github.purebpf.check.flow.Value;
import io.github.purebpf.insn.Imm;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.Src;

/** One instruction, about to be executed on one path. */
record Site(Walk walk, int index, int slot, State state) {
  Frame frame() {
    return state.top();
  }

  /** An identity for a value that this instruction makes; older values with it are forgotten. */
  int newIdentity() {
    return state.identity(slot + 1);
  }

  /** Something that the verifier rejects if it comes here. */
  void flaw(Rule rule, String why, String remedy) {
    walk.findings().add(slot, state.isCertain(), new Flaw(rule, why, remedy));
  }

  /** Something that the verifier rejects if it comes here with the value that this path has. */
  void flaw(boolean doubted, Rule rule, String why, String remedy) {
    walk.findings().add(slot, state.isCertain() && !doubted, new Flaw(rule, why, remedy));
  }

  /** Something that some kernels accept. */
  void warn(Rule rule, String why, String remedy) {
    walk.findings().warning(slot, new Flaw(rule, why, remedy));
  }

  /** The value of a register; without one it is a finding, and then anything. */
  Value read(Reg reg) {
    var value = frame().get(reg);
    if (!(value instanceof Value.Unset(int lostAt))) {
      return value;
    }
    flaw(
        Rule.UNINITIALISED_REGISTER,
        lostAt < 0
            ? "%s has no value here on some path".formatted(reg)
            : "the call at slot %d destroyed the value of %s".formatted(lostAt, reg),
        lostAt < 0
            ? "set " + reg + " on every path that leads here"
            : "keep the value in r6 to r9 or on the stack");
    frame().set(reg, ANYTHING);
    return ANYTHING;
  }

  /** The value of an operand, a constant sign-extended. */
  Value read(Src src) {
    return switch (src) {
      case Reg reg -> read(reg);
      case Imm(int value) -> Scalar.constant(value);
    };
  }

  /** A call destroys r1 to r5. */
  void loseArguments() {
    for (int i = 1; i <= 5; i++) {
      frame().set(Reg.of(i), new Value.Unset(slot));
    }
  }
}
