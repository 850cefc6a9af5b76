package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapType;
import java.util.Objects;

/**
 * The size of a ring of records: whole pages, and a power of two, as positions in it are masked.
 */
final class RingSize {
  private static final int LARGEST = 1 << 30;

  /** No machine has larger ones, so nothing else need be asked for its own. */
  private static final int LARGEST_PAGE = 1 << 16;

  private RingSize() {}

  /** The shape of a ring with room for so many bytes. */
  static MapShape shape(Kernel kernel, MapRef name, MapType type, int size) {
    Objects.requireNonNull(name, "name");
    int page = size >= LARGEST_PAGE && size <= LARGEST ? LARGEST_PAGE : kernel.pageSize();
    if (size < page || size > LARGEST || Integer.bitCount(size) != 1) {
      throw new IllegalArgumentException(
          "%s of %d bytes: a %s has a power of two of them, from %d, a page of this machine, to %d%s"
              .formatted(
                  KernelMap.title(name),
                  size,
                  type.kernelName(),
                  page,
                  LARGEST,
                  size > 0 && size < LARGEST ? "; take " + Math.max(page, above(size)) : ""));
    }
    return MapShape.of(type, 0, 0, size);
  }

  private static int above(int size) {
    return Integer.highestOneBit(size) << 1;
  }
}
