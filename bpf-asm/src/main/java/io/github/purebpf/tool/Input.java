package io.github.purebpf.tool;

import java.nio.charset.StandardCharsets;

/**
 * One program as it came in.
 *
 * @param name the file that it came from, as errors call it
 */
record Input(String name, byte[] bytes) {
  /** Bytes that are no UTF-8 become U+FFFD, which an error then points at. */
  String text() {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
