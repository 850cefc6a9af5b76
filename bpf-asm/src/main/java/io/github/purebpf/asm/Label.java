package io.github.purebpf.asm;

/**
 * A place in a program: made by {@link BpfBuilder#newLabel}, bound once, jumped to any number of
 * times.
 */
public final class Label implements Target {
  private final String name;

  Label(String name) {
    this.name = name;
  }

  @Override
  public String toString() {
    return name;
  }
}
