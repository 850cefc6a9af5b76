package io.github.purebpf.asm;

import java.util.Objects;

/**
 * A function of a finished program.
 *
 * @param name its name; {@link BpfCode#ENTRY} for the one that the kernel calls
 * @param start its first slot; it ends where the next function starts
 */
public record BpfFunction(String name, int start) {
  /** Refuses null. */
  public BpfFunction {
    Objects.requireNonNull(name, "name");
  }
}
