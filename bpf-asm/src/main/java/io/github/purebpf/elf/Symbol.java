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
    LOCAL,
    GLOBAL
  }

  enum Type {
    OBJECT(1),
    FUNC(2);

    final int value;

    Type(int value) {
      this.value = value;
    }
  }

  int info() {
    return binding.ordinal() << 4 | type.value;
  }
}
