package io.github.purebpf.elf;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** A string table: NUL-terminated strings behind an empty one, each stored once. */
final class ElfStrings {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Map<String, Integer> offsets = new HashMap<>();

  ElfStrings() {
    int _ = offset("");
  }

  /** Where a string begins. */
  int offset(String text) {
    return offsets.computeIfAbsent(
        text,
        _ -> {
          int offset = bytes.size();
          bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
          bytes.write(0);
          return offset;
        });
  }

  byte[] bytes() {
    return bytes.toByteArray();
  }
}
