package io.github.purebpf.asm;

import io.github.purebpf.insn.AsmException;

/** A function of a program: made by {@link BpfBuilder#newFunction}, given a body once. */
public final class FunctionRef implements Target {
  private final String name;

  FunctionRef(String name) {
    // BTF, which carries the name into the kernel's listings, takes C identifiers and dots.
    if (!name.matches("[A-Za-z_.][A-Za-z0-9_.]*")) {
      throw new AsmException("function name \"" + name + "\" is no C identifier");
    }
    this.name = name;
  }

  /** The function's name. */
  public String name() {
    return name;
  }

  @Override
  public String toString() {
    return name;
  }
}
