package io.github.purebpf.elf;

/**
 * A place that gets the address of a symbol when the file is loaded.
 *
 * @param offset where in its section the instruction begins, in bytes
 */
record Relocation(int offset, Type type, Symbol symbol) {
  enum Type {
    /** {@code R_BPF_64_64}: a 64-bit constant. */
    CONSTANT(1),
    /** {@code R_BPF_64_32}: a call. */
    CALL(10);

    final int value;

    Type(int value) {
      this.value = value;
    }
  }
}
