package io.github.purebpf.elf;

import java.util.List;

/**
 * A section of an ELF file.
 *
 * @param kind what it holds
 * @param relocations the places in it that are filled in when the file is loaded
 */
record Section(String name, Kind kind, byte[] bytes, List<Relocation> relocations) {
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

  Section(String name, Kind kind, byte[] bytes) {
    this(name, kind, bytes, List.of());
  }
}
