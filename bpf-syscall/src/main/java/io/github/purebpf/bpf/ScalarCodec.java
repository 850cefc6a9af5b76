package io.github.purebpf.bpf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The codecs of single integers; unaligned, as a segment may begin anywhere. */
final class ScalarCodec {
  static final Codec<Integer> INT =
      new Codec<>() {
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
      };

  static final Codec<Long> LONG =
      new Codec<>() {
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
      };

  private ScalarCodec() {}
}
