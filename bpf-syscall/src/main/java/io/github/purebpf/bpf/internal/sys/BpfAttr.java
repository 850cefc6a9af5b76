package io.github.purebpf.bpf.internal.sys;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * The memory of one {@code bpf(2)} call: its {@code union bpf_attr}, cut to the end of the last
 * field the command uses, and the place where errno is captured.
 *
 * @param bytes the attr; zero wherever nothing was set
 * @param errno four bytes
 */
public record BpfAttr(MemorySegment bytes, MemorySegment errno) {
  /** A zeroed attr. */
  public static BpfAttr allocate(SegmentAllocator memory, long size) {
    return new BpfAttr(memory.allocate(size, 8), memory.allocate(ValueLayout.JAVA_INT));
  }

  /** Sets a {@code __u32} or a descriptor. */
  public BpfAttr u32(int offset, int value) {
    bytes.set(ValueLayout.JAVA_INT, offset, value);
    return this;
  }

  /** Sets a {@code __aligned_u64}. */
  public BpfAttr u64(int offset, long value) {
    bytes.set(ValueLayout.JAVA_LONG, offset, value);
    return this;
  }

  /** Sets a pointer, 64 bits on every architecture; the segment must outlive the call. */
  public BpfAttr pointer(int offset, MemorySegment target) {
    return u64(offset, target.address());
  }

  /** Sets an object's name, at most 15 bytes, and leaves the NUL behind it. */
  public BpfAttr name(int offset, String name) {
    byte[] ascii = name.getBytes(StandardCharsets.US_ASCII);
    MemorySegment.copy(ascii, 0, bytes, ValueLayout.JAVA_BYTE, offset, ascii.length);
    return this;
  }

  /** Reads a {@code __u32} that the kernel may have written. */
  public int u32(int offset) {
    return bytes.get(ValueLayout.JAVA_INT, offset);
  }
}
