package io.github.purebpf.bpf;

import io.github.purebpf.btf.BtfBuilder;
import io.github.purebpf.btf.CInt;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Locale;

/**
 * A single integer, which is also read and written without a Java object for it; unaligned, as a
 * segment may begin anywhere.
 */
abstract sealed class IntegerCodec<T> implements Codec<T> {
  static final Codec<Integer> U8 = new Ints(CInt.U8);
  static final Codec<Integer> U16 = new Ints(CInt.U16);
  static final Codec<Integer> U32 = new Ints(CInt.U32);
  static final Codec<Long> U64 = new Longs(CInt.U64);
  static final Codec<Integer> S32 = new Ints(CInt.S32);
  static final Codec<Long> S64 = new Longs(CInt.S64);
  static final Codec<Integer> BE16 = new Ints(CInt.BE16);
  static final Codec<Integer> BE32 = new Ints(CInt.BE32);
  static final Codec<Long> BE64 = new Longs(CInt.BE64);

  private final CInt type;
  private final int size;
  private final boolean signed;
  private final boolean swapped;
  private final long least;
  private final long most;

  private IntegerCodec(CInt type) {
    this.type = type;
    this.size =
        switch (type) {
          case U8 -> Byte.BYTES;
          case U16, BE16 -> Short.BYTES;
          case U32, S32, BE32 -> Integer.BYTES;
          case U64, S64, BE64 -> Long.BYTES;
        };
    this.signed = type == CInt.S32 || type == CInt.S64;
    boolean networkOrder =
        switch (type) {
          case BE16, BE32, BE64 -> true;
          default -> false;
        };
    this.swapped = networkOrder && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    // Bits are bits: of 32, an int that is negative stands for a number that is not.
    this.least = size == Long.BYTES ? Long.MIN_VALUE : size < 4 ? 0 : Integer.MIN_VALUE;
    this.most =
        size == Long.BYTES
            ? Long.MAX_VALUE
            : signed ? Integer.MAX_VALUE : (1L << (size * Byte.SIZE)) - 1;
  }

  /** That of a map's keys or values, where they are integers. */
  static IntegerCodec<?> of(Codec<?> codec, KeyedMap<?, ?> map, String what) {
    if (codec instanceof IntegerCodec<?> integers) {
      return integers;
    }
    throw new IllegalStateException(
        "the %s of %s are no single integers; set and read them as the objects they are"
            .formatted(what, map.title()));
  }

  /** Writes all bytes. */
  final void writeNumber(long number, MemorySegment to) {
    if (number < least || number > most) {
      throw new IllegalArgumentException(
          "%d is outside of the range of %s"
              .formatted(number, "__" + type.name().toLowerCase(Locale.ROOT)));
    }
    switch (size) {
      case Byte.BYTES -> to.set(ValueLayout.JAVA_BYTE, 0, (byte) number);
      case Short.BYTES -> {
        short bits = (short) number;
        to.set(ValueLayout.JAVA_SHORT_UNALIGNED, 0, swapped ? Short.reverseBytes(bits) : bits);
      }
      case Integer.BYTES -> {
        int bits = (int) number;
        to.set(ValueLayout.JAVA_INT_UNALIGNED, 0, swapped ? Integer.reverseBytes(bits) : bits);
      }
      default ->
          to.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, swapped ? Long.reverseBytes(number) : number);
    }
  }

  /** With zeros above an unsigned number, which one of 64 bits has no room for. */
  final long readNumber(MemorySegment from) {
    return readNumber(from, 0);
  }

  final long readNumber(MemorySegment from, long offset) {
    return switch (size) {
      case Byte.BYTES -> Byte.toUnsignedLong(from.get(ValueLayout.JAVA_BYTE, offset));
      case Short.BYTES -> {
        short bits = from.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset);
        yield Short.toUnsignedLong(swapped ? Short.reverseBytes(bits) : bits);
      }
      case Integer.BYTES -> {
        int read = from.get(ValueLayout.JAVA_INT_UNALIGNED, offset);
        int bits = swapped ? Integer.reverseBytes(read) : read;
        yield signed ? bits : Integer.toUnsignedLong(bits);
      }
      default -> {
        long bits = from.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
        yield swapped ? Long.reverseBytes(bits) : bits;
      }
    };
  }

  @Override
  public final int size() {
    return size;
  }

  @Override
  public final int cType(BtfBuilder types) {
    return type.in(types);
  }

  /** Of at most 32 bits. */
  private static final class Ints extends IntegerCodec<Integer> {
    Ints(CInt type) {
      super(type);
    }

    @Override
    public void write(Integer value, MemorySegment to) {
      writeNumber(value, to);
    }

    @Override
    public Integer read(MemorySegment from) {
      return (int) readNumber(from);
    }
  }

  /** Of 64 bits. */
  private static final class Longs extends IntegerCodec<Long> {
    Longs(CInt type) {
      super(type);
    }

    @Override
    public void write(Long value, MemorySegment to) {
      writeNumber(value, to);
    }

    @Override
    public Long read(MemorySegment from) {
      return readNumber(from);
    }
  }
}
