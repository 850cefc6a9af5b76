package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.insn.Field;
import io.github.purebpf.layout.Struct;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The elements of an array that programs and user space share, in memory. Words are read and
 * written in one piece; what is stored before {@link #publish} is seen by whoever sees its word.
 */
final class Records<S extends Record> {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.nativeOrder());
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.nativeOrder());
  private static final VarHandle WORD = LONG.varHandle();

  private final MemorySegment memory;
  private final Struct<S> struct;
  private final int size;

  /**
   * @param memory of the whole array
   */
  Records(MemorySegment memory, Struct<S> struct) {
    this.memory = memory;
    this.struct = struct;
    this.size = Math.toIntExact(memory.byteSize() / struct.size());
  }

  /** The first elements alone. */
  Records<S> first(int count) {
    return new Records<>(memory.asSlice(0, (long) count * struct.size()), struct);
  }

  /** How many elements there are. */
  int size() {
    return size;
  }

  long word(int index, Field<S> field) {
    return (long) WORD.getAcquire(memory, at(index, field));
  }

  void publish(int index, Field<S> field, long word) {
    WORD.setRelease(memory, at(index, field), word);
  }

  /** Writes a word if it is what one thinks; false if it is not. */
  boolean exchange(int index, Field<S> field, long expected, long word) {
    return WORD.compareAndSet(memory, at(index, field), expected, word);
  }

  int number(int index, Field<S> field) {
    return memory.get(INT, at(index, field));
  }

  void number(int index, Field<S> field, int value) {
    memory.set(INT, at(index, field), value);
  }

  /** Makes all of an element 0. */
  void clear(int index) {
    memory.asSlice((long) index * struct.size(), struct.size()).fill((byte) 0);
  }

  private long at(int index, Field<S> field) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException("element " + index + " of " + size + " of " + struct);
    }
    return (long) index * struct.size() + field.offset();
  }
}
