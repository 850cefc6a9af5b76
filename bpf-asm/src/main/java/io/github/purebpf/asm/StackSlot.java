package io.github.purebpf.asm;

/** The type of integers on the stack, which {@link StructuredCode#stackSlot} makes. */
public final class StackSlot {
  private StackSlot() {}
}
