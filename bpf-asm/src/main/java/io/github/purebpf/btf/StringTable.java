package io.github.purebpf.btf;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** The string section: each string once, ended by a NUL, the empty one first. */
final class StringTable {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Map<String, Integer> offsets = new HashMap<>();

  StringTable() {
    offset("");
  }

  int offset(String text) {
    var known = offsets.get(text);
    if (known != null) {
      return known;
    }
    byte[] utf8 = BtfData.encode(text);
    if (text.indexOf('\0') >= 0 || !new String(utf8, StandardCharsets.UTF_8).equals(text)) {
      throw new IllegalArgumentException(
          "a string with a NUL or half a surrogate pair cannot be stored in BTF: "
              + text.replace('\0', '?'));
    }
    int offset = bytes.size();
    bytes.writeBytes(utf8);
    bytes.write(0);
    offsets.put(text, offset);
    return offset;
  }

  int size() {
    return bytes.size();
  }

  byte[] bytes() {
    return bytes.toByteArray();
  }
}
