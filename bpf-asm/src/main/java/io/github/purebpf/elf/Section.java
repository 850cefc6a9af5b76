package io.github.purebpf.elf;

import java.util.List;

/** A section of an ELF file; each is another one, whatever it holds. */
final class Section {
  enum Kind {
    /** Instructions: allocated, executable. */
    CODE(2 | 4, 8),
    /** Data of the program: allocated, writable. */
    DATA(2 | 1, 8),
    /** What describes the program. */
    INFO(0, 4);

    final int flags;
    final int alignment;

    Kind(int flags, int alignment) {
      this.flags = flags;
      this.alignment = alignment;
    }
  }

  private final String name;
  private final Kind kind;
  private final byte[] bytes;
  private final List<Relocation> relocations;

  /**
   * @param relocations the places in it that are filled in when the file is loaded
   */
  Section(String name, Kind kind, byte[] bytes, List<Relocation> relocations) {
    this.name = name;
    this.kind = kind;
    this.bytes = bytes;
    this.relocations = List.copyOf(relocations);
  }

  Section(String name, Kind kind, byte[] bytes) {
    this(name, kind, bytes, List.of());
  }

  String name() {
    return name;
  }

  Kind kind() {
    return kind;
  }

  byte[] bytes() {
    return bytes;
  }

  List<Relocation> relocations() {
    return relocations;
  }
}
