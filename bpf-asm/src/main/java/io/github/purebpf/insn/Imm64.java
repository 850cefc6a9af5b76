package io.github.purebpf.insn;

import java.util.Objects;

/** What {@link LoadImm64} loads: the pseudo source registers of {@code lddw}. */
public sealed interface Imm64 {
  /** A plain number. */
  record Const(long value) implements Imm64 {}

  /** A map by file descriptor, {@code BPF_PSEUDO_MAP_FD}. */
  record MapFd(int fd) implements Imm64 {}

  /** The address of an array's first value plus an offset, {@code BPF_PSEUDO_MAP_VALUE}; 5.2. */
  record MapValueFd(int fd, int offset) implements Imm64 {}

  /** A kernel variable or function, {@code BPF_PSEUDO_BTF_ID}; Linux 5.10. */
  record BtfId(int typeId, int btfFd) implements Imm64 {}

  /**
   * A function of this program as a callback, {@code BPF_PSEUDO_FUNC}; Linux 5.13.
   *
   * @param offset slots from the slot behind this instruction's first to the function
   */
  record Function(int offset) implements Imm64 {}

  /** A map by its place in the load call's {@code fd_array}, {@code BPF_PSEUDO_MAP_IDX}; 5.14. */
  record MapIndex(int index) implements Imm64 {}

  /** Like {@link MapValueFd} through {@code fd_array}, {@code BPF_PSEUDO_MAP_IDX_VALUE}; 5.14. */
  record MapValueIndex(int index, int offset) implements Imm64 {}

  /** A map by name, bound to a file descriptor when the program is loaded. */
  record NamedMap(MapRef map) implements Imm64 {
    /** Refuses null. */
    public NamedMap {
      Objects.requireNonNull(map, "map");
    }
  }

  /** The address of the first value of a map by name, plus an offset in bytes. */
  record NamedMapValue(MapRef map, int offset) implements Imm64 {
    /** Refuses null. */
    public NamedMapValue {
      Objects.requireNonNull(map, "map");
    }
  }
}
