package io.github.purebpf.bpf;

import io.github.purebpf.btf.BtfBuilder;
import io.github.purebpf.btf.BtfType;
import io.github.purebpf.btf.CInt;
import io.github.purebpf.layout.Struct;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;

/**
 * How a Java value lies in memory as a map's key or value: always the same number of bytes.
 *
 * <p>A codec is used by several threads at once and must not keep the segments that it is given.
 *
 * @param <T> the Java type
 */
public interface Codec<T> {
  /** The number of bytes. */
  int size();

  /**
   * Writes a value.
   *
   * @param value the value, not null
   * @param to exactly {@link #size} bytes, zero before the call
   */
  void write(T value, MemorySegment to);

  /**
   * Reads a value.
   *
   * @param from exactly {@link #size} bytes
   */
  T read(MemorySegment from);

  /**
   * The C type of these values, which tools such as bpftool print them by. Without an own answer it
   * is an array of bytes.
   *
   * @param types where the type, and those it refers to, are added if they are not there
   * @return its id; a type of exactly {@link #size} bytes
   */
  default int cType(BtfBuilder types) {
    return types.intern(new BtfType.Array(CInt.U8.in(types), CInt.U32.in(types), size()));
  }

  /** {@code __u8}: 0 to 255. */
  static Codec<Integer> u8() {
    return IntegerCodec.U8;
  }

  /** {@code __u16} in the machine's byte order: 0 to 65535. */
  static Codec<Integer> u16() {
    return IntegerCodec.U16;
  }

  /** {@code __u32} in the machine's byte order; the sign bit of the Integer is its highest bit. */
  static Codec<Integer> u32() {
    return IntegerCodec.U32;
  }

  /** {@code __u64} in the machine's byte order; the sign bit of the Long is its highest bit. */
  static Codec<Long> u64() {
    return IntegerCodec.U64;
  }

  /** {@code __s32} in the machine's byte order. */
  static Codec<Integer> s32() {
    return IntegerCodec.S32;
  }

  /** {@code __s64} in the machine's byte order. */
  static Codec<Long> s64() {
    return IntegerCodec.S64;
  }

  /** {@code __be16}: 0 to 65535 in network byte order, such as a port. */
  static Codec<Integer> be16() {
    return IntegerCodec.BE16;
  }

  /** {@code __be32}: 32 bits in network byte order, such as an IPv4 address. */
  static Codec<Integer> be32() {
    return IntegerCodec.BE32;
  }

  /** {@code __be64}: 64 bits in network byte order. */
  static Codec<Long> be64() {
    return IntegerCodec.BE64;
  }

  /**
   * Bytes as they are.
   *
   * @param size how many, at least 1; an array of another length is refused
   */
  static Codec<byte[]> bytes(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("a codec of " + size + " bytes; at least 1 is needed");
    }
    return new Codec<>() {
      @Override
      public int size() {
        return size;
      }

      @Override
      public void write(byte[] value, MemorySegment to) {
        if (value.length != size) {
          throw new IllegalArgumentException(
              "an array of " + value.length + " bytes where " + size + " are needed");
        }
        MemorySegment.copy(value, 0, to, ValueLayout.JAVA_BYTE, 0, size);
      }

      @Override
      public byte[] read(MemorySegment from) {
        return from.toArray(ValueLayout.JAVA_BYTE);
      }
    };
  }

  /**
   * A record as the struct lies in memory, components in network order included.
   *
   * @param struct the layout of a record that is public in an exported package, or whose package is
   *     open to this module; for any other, use {@link #of(Struct, MethodHandles.Lookup)}
   * @throws IllegalArgumentException if the record cannot be accessed
   */
  static <R extends Record> Codec<R> of(Struct<R> struct) {
    return RecordCodec.of(struct, null);
  }

  /**
   * A record as the struct lies in memory, components in network order included.
   *
   * @param struct the layout
   * @param lookup {@code MethodHandles.lookup()} of a class that has access to the record
   * @throws IllegalArgumentException if it has not
   */
  static <R extends Record> Codec<R> of(Struct<R> struct, MethodHandles.Lookup lookup) {
    return RecordCodec.of(struct, java.util.Objects.requireNonNull(lookup, "lookup"));
  }

  /**
   * Memory of a layout. What is read is a copy on the heap; what is written has as many bytes as
   * the layout, and its padding counts as zeros, because the kernel compares keys byte for byte.
   *
   * <p>Names of members, byte orders, nested groups and sequences go into the C type; value layouts
   * are unsigned integers there.
   *
   * @param layout of at least one byte, without addresses
   * @throws IllegalArgumentException if it is empty or has an address
   */
  static Codec<MemorySegment> of(MemoryLayout layout) {
    return new LayoutCodec(layout);
  }
}
