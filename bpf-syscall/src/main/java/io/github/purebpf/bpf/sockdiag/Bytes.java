package io.github.purebpf.bpf.sockdiag;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A part of a netlink message: numbers in the machine's byte order, of any alignment.
 *
 * <p>What the kernel answers is read with care all the same. A length that lies is an {@link
 * IllegalStateException} with these words, and nothing outside is touched.
 */
record Bytes(MemorySegment segment) {
  private static final ValueLayout.OfShort BE16 =
      JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  static IllegalStateException malformed(String what) {
    return new IllegalStateException("the kernel's answer about sockets makes no sense: " + what);
  }

  long size() {
    return segment.byteSize();
  }

  /** A part of it, which must lie inside. */
  Bytes part(long offset, long length, String what) {
    if (offset < 0 || length < 0 || offset > size() || length > size() - offset) {
      throw malformed("%s of %d bytes at %d, in %d bytes".formatted(what, length, offset, size()));
    }
    return new Bytes(segment.asSlice(offset, length));
  }

  /** All of it from an offset on. */
  Bytes from(long offset, String what) {
    return part(offset, size() - offset, what);
  }

  Bytes require(long least, String what) {
    part(0, least, what);
    return this;
  }

  int u8(long offset) {
    return Byte.toUnsignedInt(segment.get(JAVA_BYTE, offset));
  }

  int u16(long offset) {
    return Short.toUnsignedInt(segment.get(JAVA_SHORT_UNALIGNED, offset));
  }

  int be16(long offset) {
    return Short.toUnsignedInt(segment.get(BE16, offset));
  }

  int s32(long offset) {
    return segment.get(JAVA_INT_UNALIGNED, offset);
  }

  long u64(long offset) {
    return segment.get(JAVA_LONG_UNALIGNED, offset);
  }

  byte[] array(long offset, int length) {
    return segment.asSlice(offset, length).toArray(JAVA_BYTE);
  }

  Bytes u8(long offset, int value) {
    segment.set(JAVA_BYTE, offset, (byte) value);
    return this;
  }

  Bytes u16(long offset, int value) {
    segment.set(JAVA_SHORT_UNALIGNED, offset, (short) value);
    return this;
  }

  Bytes be16(long offset, int value) {
    segment.set(BE16, offset, (short) value);
    return this;
  }

  Bytes s32(long offset, int value) {
    segment.set(JAVA_INT_UNALIGNED, offset, value);
    return this;
  }

  Bytes array(long offset, byte[] bytes) {
    MemorySegment.copy(bytes, 0, segment, JAVA_BYTE, offset, bytes.length);
    return this;
  }
}
