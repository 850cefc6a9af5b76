package io.github.purebpf.bpf.internal.sys;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** File names between Java's characters and the kernel's bytes, as the JDK itself converts them. */
public final class NativePath {
  private static final Charset CHARSET =
      Charset.forName(System.getProperty("sun.jnu.encoding"), StandardCharsets.UTF_8);

  private NativePath() {}

  /** The path as C reads it. */
  public static MemorySegment of(Path path, SegmentAllocator memory) {
    // Not allocateFrom(String, Charset): it takes the standard charsets only.
    byte[] name = path.toString().getBytes(CHARSET);
    var copy = memory.allocate(name.length + 1L);
    MemorySegment.copy(name, 0, copy, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, name.length);
    return copy;
  }

  /** A path from the kernel's bytes. */
  public static Path of(byte[] name) {
    return Path.of(new String(name, CHARSET));
  }
}
