package io.github.purebpf.bpf.inspect;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * A function of a loaded program and its machine code.
 *
 * @param slot its first slot
 * @param name its name; {@code f} and the slot if the program was loaded without names
 * @param address where its machine code is; empty if the program is interpreted, or the kernel does
 *     not tell this thread
 * @param jitedSize the bytes of its machine code; 0 if the address is not known
 */
public record XlatedFunction(int slot, String name, OptionalLong address, int jitedSize) {
  /** Refuses nulls. */
  public XlatedFunction {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(address, "address");
  }
}
