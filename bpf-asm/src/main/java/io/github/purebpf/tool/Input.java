package io.github.purebpf.tool;

import java.nio.charset.StandardCharsets;

/** One program as it came in. */
final class Input {
  private final String name;
  private final byte[] bytes;

  /**
   * @param name the file that it came from, as errors call it
   */
  Input(String name, byte[] bytes) {
    this.name = name;
    this.bytes = bytes;
  }

  String name() {
    return name;
  }

  byte[] bytes() {
    return bytes;
  }

  /** Bytes that are no UTF-8 become U+FFFD, which an error then points at. */
  String text() {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
