package io.github.purebpf.insn;

import java.util.Objects;

/**
 * A move that sign-extends, {@code BPF_MOV} with an offset: {@code r1 = (s8)r2}. Linux 6.6.
 *
 * @param width how much of the destination it fills; the rest is cleared
 * @param from how much of the source it takes: B, H, or with W64 also W
 * @param dst the register written
 * @param src the register read
 */
public record MovSx(Width width, MemSize from, Reg dst, Reg src) implements Insn {
  /** Refuses r10 as destination and sizes that leave nothing to extend. */
  public MovSx {
    Objects.requireNonNull(src, "src");
    dst.writable("movsx");
    if (from.bytes() * 8 >= width.bits()) {
      throw new AsmException(
          "movsx from " + from.bytes() * 8 + " to " + width.bits() + " bits extends nothing");
    }
  }
}
