package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.insn.Field;
import io.github.purebpf.layout.Struct;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicReferenceArray;

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

  /** Elements are mapped so many at a time: of most entries a megabyte, and always whole pages. */
  private static final int WINDOW = 1 << 14;

  private final Windows windows;
  private final Struct<S> struct;
  private final int size;

  /** Where the memory of elements comes from. */
  interface Source {
    /** The memory of some elements in a row. */
    MemorySegment map(int first, int count);
  }

  /** What is mapped so far: most tables use the begin of what there is room for. */
  private static final class Windows {
    private final Source source;
    private final int size;
    private final AtomicReferenceArray<MemorySegment> mapped;

    Windows(Source source, int size) {
      this.source = source;
      this.size = size;
      this.mapped = new AtomicReferenceArray<>(Math.ceilDiv(size, WINDOW));
    }

    /** The one that an element is in. */
    MemorySegment of(int index) {
      int number = index / WINDOW;
      var memory = mapped.getAcquire(number);
      return memory == null ? map(number) : memory;
    }

    private synchronized MemorySegment map(int number) {
      var memory = mapped.get(number);
      if (memory == null) {
        int first = number * WINDOW;
        memory = source.map(first, Math.min(WINDOW, size - first));
        mapped.setRelease(number, memory);
      }
      return memory;
    }
  }

  private Records(Windows windows, Struct<S> struct, int size) {
    this.windows = windows;
    this.struct = struct;
    this.size = size;
  }

  /** Elements whose memory is mapped when they are used; the first of them is now. */
  Records(Source source, Struct<S> struct, int size) {
    this(new Windows(source, size), struct, size);
    windows.of(0);
  }

  /**
   * @param memory of the whole array
   */
  Records(MemorySegment memory, Struct<S> struct) {
    this(
        (first, count) ->
            memory.asSlice((long) first * struct.size(), (long) count * struct.size()),
        struct,
        Math.toIntExact(memory.byteSize() / struct.size()));
  }

  /** The first elements alone. */
  Records<S> first(int count) {
    return new Records<>(windows, struct, count);
  }

  /** How many elements there are. */
  int size() {
    return size;
  }

  long word(int index, Field<S> field) {
    return (long) WORD.getAcquire(window(index), at(index, field));
  }

  void publish(int index, Field<S> field, long word) {
    WORD.setRelease(window(index), at(index, field), word);
  }

  /** Writes a word if it is what one thinks; false if it is not. */
  boolean exchange(int index, Field<S> field, long expected, long word) {
    return WORD.compareAndSet(window(index), at(index, field), expected, word);
  }

  int number(int index, Field<S> field) {
    return window(index).get(INT, at(index, field));
  }

  void number(int index, Field<S> field, int value) {
    window(index).set(INT, at(index, field), value);
  }

  /** Makes all of an element 0. */
  void clear(int index) {
    window(index).asSlice((long) (index % WINDOW) * struct.size(), struct.size()).fill((byte) 0);
  }

  private MemorySegment window(int index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException("element " + index + " of " + size + " of " + struct);
    }
    return windows.of(index);
  }

  /** In its window. */
  private long at(int index, Field<S> field) {
    return (long) (index % WINDOW) * struct.size() + field.offset();
  }
}
