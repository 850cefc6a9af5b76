package io.github.purebpf.tool;

import java.util.Locale;

/** How a program is written down. */
enum Format {
  /** Assembly. */
  TEXT,
  /** Hexadecimal digits. */
  HEX,
  /** The bytes. */
  RAW,
  /** An object file. */
  ELF,
  /** An array in C. */
  C;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
