package io.github.purebpf.bpf;

import io.github.purebpf.btf.BtfBuilder;
import io.github.purebpf.btf.CInt;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The codecs of single integers; unaligned, as a segment may begin anywhere. */
final class ScalarCodec {
  static final Codec<Integer> U32 = new IntCodec(CInt.U32);
  static final Codec<Integer> S32 = new IntCodec(CInt.S32);
  static final Codec<Long> S64 = new LongCodec(CInt.S64);

  private ScalarCodec() {}

  private record IntCodec(CInt type) implements Codec<Integer> {
    @Override
    public int size() {
      return Integer.BYTES;
    }

    @Override
    public void write(Integer value, MemorySegment to) {
      to.set(ValueLayout.JAVA_INT_UNALIGNED, 0, value);
    }

    @Override
    public Integer read(MemorySegment from) {
      return from.get(ValueLayout.JAVA_INT_UNALIGNED, 0);
    }

    @Override
    public int cType(BtfBuilder types) {
      return type.in(types);
    }
  }

  private record LongCodec(CInt type) implements Codec<Long> {
    @Override
    public int size() {
      return Long.BYTES;
    }

    @Override
    public void write(Long value, MemorySegment to) {
      to.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, value);
    }

    @Override
    public Long read(MemorySegment from) {
      return from.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
    }

    @Override
    public int cType(BtfBuilder types) {
      return type.in(types);
    }
  }
}
