package io.github.purebpf.elf;

/**
 * A symbol of an ELF file.
 *
 * @param section the name of the section that it is in
 * @param offset where in its section it begins, in bytes
 * @param size its bytes
 */
record Symbol(String name, Binding binding, Type type, String section, int offset, int size) {
  enum Binding {
    LOCAL(0),
    GLOBAL(1);

    final int value;

    Binding(int value) {
      this.value = value;
    }
  }

  enum Type {
    OBJECT(1),
    FUNC(2),
    /** The section itself; it has no name of its own. */
    SECTION(3);

    final int value;

    Type(int value) {
      this.value = value;
    }
  }

  /** The beginning of a section. */
  static Symbol ofSection(String section) {
    return new Symbol("", Binding.LOCAL, Type.SECTION, section, 0, 0);
  }

  int info() {
    return binding.value << 4 | type.value;
  }
}
