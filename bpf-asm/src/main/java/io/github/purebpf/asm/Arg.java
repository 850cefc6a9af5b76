package io.github.purebpf.asm;

import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.MemOperand;
import io.github.purebpf.insn.Reg;
import java.util.Objects;

/**
 * An argument of a call, as {@link CallCode#call(io.github.purebpf.uapi.Helper, Arg...)} takes it.
 */
public sealed interface Arg {
  /** The content of a register. */
  record Register(Reg reg) implements Arg {
    /** Refuses null. */
    public Register {
      Objects.requireNonNull(reg, "reg");
    }
  }

  /** A constant, sign-extended. */
  record Constant(int value) implements Arg {}

  /** The address of a map. */
  record Map(MapRef map) implements Arg {
    /** Refuses null. */
    public Map {
      Objects.requireNonNull(map, "map");
    }
  }

  /** The address of something in memory, such as a key on the stack. */
  record Address(MemOperand place) implements Arg {
    /** Refuses null. */
    public Address {
      Objects.requireNonNull(place, "place");
    }
  }

  /** A function of this program, for helpers that call back. */
  record Callback(FunctionRef function) implements Arg {
    /** Refuses null. */
    public Callback {
      Objects.requireNonNull(function, "function");
    }
  }

  /** The content of a register. */
  static Arg reg(Reg reg) {
    return new Register(reg);
  }

  /** A constant, sign-extended. */
  static Arg imm(int value) {
    return new Constant(value);
  }

  /** The address of a map. */
  static Arg map(MapRef map) {
    return new Map(map);
  }

  /** The address of something in memory. */
  static Arg addressOf(MemOperand place) {
    return new Address(place);
  }

  /** A function of this program. */
  static Arg callback(FunctionRef function) {
    return new Callback(function);
  }
}
