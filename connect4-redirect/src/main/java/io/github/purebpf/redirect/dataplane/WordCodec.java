package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.bpf.Codec;
import io.github.purebpf.btf.BtfBuilder;
import io.github.purebpf.btf.StructTypes;
import io.github.purebpf.layout.Struct;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongFunction;
import java.util.function.ToLongFunction;

/**
 * A record of four or eight bytes, read and written as one word. {@link Codec#of} does the same by
 * method handles, which it would compose before the first address is mapped.
 */
record WordCodec<R extends Record>(
    Struct<R> struct, ToLongFunction<R> toWord, LongFunction<R> ofWord) implements Codec<R> {
  @Override
  public int size() {
    return struct.size();
  }

  @Override
  public int cType(BtfBuilder types) {
    return StructTypes.in(types, struct);
  }

  @Override
  public void write(R value, MemorySegment to) {
    long word = toWord.applyAsLong(value);
    if (size() == Integer.BYTES) {
      to.set(ValueLayout.JAVA_INT_UNALIGNED, 0, (int) word);
    } else {
      to.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, word);
    }
  }

  @Override
  public R read(MemorySegment from) {
    return ofWord.apply(
        size() == Integer.BYTES
            ? from.get(ValueLayout.JAVA_INT_UNALIGNED, 0)
            : from.get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
  }
}
