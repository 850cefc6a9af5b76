package io.github.purebpf.asm;

/**
 * A place in a program: made by {@link BpfBuilder#newLabel}, bound once, jumped to any number of
 * times.
 */
public final class Label implements Target {
  private final String name;
  private CodeBuffer function;
  private int index;

  Label(String name) {
    this.name = name;
  }

  /** Puts it before the instruction that will have this index in the function. */
  void bind(CodeBuffer to, int before) {
    function = to;
    index = before;
  }

  /** The function that it is bound in; null if it is not bound yet. */
  CodeBuffer function() {
    return function;
  }

  /** The index in that function of the instruction behind it. */
  int index() {
    return index;
  }

  @Override
  public String toString() {
    return name;
  }
}
