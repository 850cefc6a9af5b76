package io.github.purebpf.check.flow;

import static io.github.purebpf.check.flow.Value.Anything.ANYTHING;

import io.github.purebpf.insn.Reg;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/** The registers and the stack of one function that is being executed. */
public final class Frame {
  private final int function;
  private final int returnTo;
  private final Value[] registers;
  private final Stack stack;

  private Frame(int function, int returnTo, Value[] registers, Stack stack) {
    this.function = function;
    this.returnTo = returnTo;
    this.registers = registers;
    this.stack = stack;
  }

  /**
   * A function that is entered, with nothing but r10 set.
   *
   * @param returnTo the instruction behind the call, or -1 for the end of the path
   * @param depth how many functions it is nested in
   */
  static Frame entered(int function, int returnTo, int depth) {
    var registers = new Value[11];
    Arrays.fill(registers, Value.Unset.NEVER_SET);
    registers[Reg.FP.number()] = Pointer.stack(depth);
    return new Frame(function, returnTo, registers, Stack.unwritten());
  }

  Frame copy() {
    return new Frame(function, returnTo, registers.clone(), stack.copy());
  }

  /** The number of the function. */
  public int function() {
    return function;
  }

  /** The instruction behind the call, or -1. */
  public int returnTo() {
    return returnTo;
  }

  /** What a register holds. */
  public Value get(Reg reg) {
    return registers[reg.number()];
  }

  /** Gives a register a value. */
  public void set(Reg reg, Value value) {
    registers[reg.number()] = value;
  }

  /** The function's stack. */
  public Stack stack() {
    return stack;
  }

  void replaceAll(UnaryOperator<Value> change) {
    for (int i = 0; i < registers.length; i++) {
      registers[i] = change.apply(registers[i]);
    }
    stack.replaceAll(change);
  }

  boolean join(Frame other) {
    boolean less = stack.join(other.stack);
    for (int i = 0; i < registers.length; i++) {
      if (!registers[i].equals(other.registers[i]) && registers[i] != ANYTHING) {
        registers[i] = ANYTHING;
        less = true;
      }
    }
    return less;
  }

  boolean isSame(Frame other) {
    return isSameCall(other)
        && Arrays.equals(registers, other.registers)
        && stack.isSame(other.stack);
  }

  boolean isSameCall(Frame other) {
    return function == other.function && returnTo == other.returnTo;
  }
}
