package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.bpf.Codec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A text without NUL as UTF-8, padded with zeros.
 *
 * @param size the longest in bytes
 */
record TextCodec(int size) implements Codec<String> {
  /** Whether a text is short enough. */
  boolean hasRoomFor(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length <= size;
  }

  /** The beginning of a text, as much of it as there is room for. */
  String cut(String text) {
    var cut = text;
    while (!hasRoomFor(cut)) {
      cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
    }
    return cut;
  }

  @Override
  public void write(String text, MemorySegment to) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > size) {
      throw new IllegalArgumentException(
          "a text of %d bytes where %d have room: %s".formatted(bytes.length, size, text));
    }
    MemorySegment.copy(bytes, 0, to, ValueLayout.JAVA_BYTE, 0, bytes.length);
  }

  @Override
  public String read(MemorySegment from) {
    var bytes = from.toArray(ValueLayout.JAVA_BYTE);
    int length = bytes.length;
    while (length > 0 && bytes[length - 1] == 0) {
      length--;
    }
    return new String(Arrays.copyOf(bytes, length), StandardCharsets.UTF_8);
  }
}
