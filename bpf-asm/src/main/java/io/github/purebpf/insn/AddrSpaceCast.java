package io.github.purebpf.insn;

import java.util.Objects;

/**
 * A pointer converted between address spaces, for arena maps: {@code r1 = addr_space_cast(r2, 0,
 * 1)}. Linux 6.9.
 *
 * @param dst the register written
 * @param src the register read
 * @param to the address space converted to, 0 to 65535; the kernel takes 0 and 1
 * @param from the address space converted from; the kernel takes the other of 0 and 1
 */
public record AddrSpaceCast(Reg dst, Reg src, int to, int from) implements Insn {
  /** Refuses r10 as destination and any pair but (0, 1) and (1, 0). */
  public AddrSpaceCast {
    Objects.requireNonNull(src, "src");
    dst.writable("addr_space_cast");
    if (to + from != 1 || to * from != 0) {
      throw new AsmException(
          "addr_space_cast to " + to + " from " + from + "; the kernel has 0 from 1 and 1 from 0");
    }
  }
}
