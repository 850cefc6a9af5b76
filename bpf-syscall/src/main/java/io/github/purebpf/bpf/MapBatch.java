package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.uapi.UpdateFlags;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.BiConsumer;

/**
 * Many elements of a map in native memory, a column of keys and a column of values, which one
 * system call reads or writes (Linux 5.6). The memory is used again by each call.
 *
 * <pre>{@code
 * var batch = flows.batch(65_536);
 * while (batch.next()) {
 *   for (int i = 0; i < batch.size(); i++) {
 *     bytes += batch.values().getAtIndex(JAVA_LONG, i);
 *   }
 * }
 * }</pre>
 *
 * <p>It belongs to one thread at a time. Its memory lives as long as it is reachable, and it needs
 * no closing.
 *
 * @param <K> the Java type of the keys
 * @param <V> the Java type of the values
 */
public final class MapBatch<K, V> {
  static final int FIRST_ROOM = 256;
  private static final int GROWTH = 4;

  /** The kernel's cursor of a hash table is a number of 32 bits, whatever the size of its keys. */
  private static final int LEAST_CURSOR = 4;

  private final KeyedMap<K, V> map;
  private final Arena arena;
  private final BpfAttr attr;
  private final MemorySegment cursor;
  private MemorySegment keys;
  private MemorySegment values;
  private int capacity;
  private int size;
  private boolean begun;
  private boolean ended;

  MapBatch(KeyedMap<K, V> map, int capacity, Arena arena) {
    if (capacity < 1) {
      throw new IllegalArgumentException(
          "a batch of " + capacity + " elements of " + map.title() + "; at least 1 is needed");
    }
    this.map = map;
    this.arena = arena;
    this.attr = BpfAttr.allocate(arena, Attr.MapBatch.SIZE);
    this.cursor = arena.allocate(Math.max(map.keys().size(), LEAST_CURSOR), 8);
    allocate(capacity);
  }

  private void allocate(int newCapacity) {
    capacity = newCapacity;
    keys = arena.allocate((long) capacity * map.keys().size(), 8);
    values = arena.allocate((long) capacity * map.values().size(), 8);
  }

  /** How many elements it has room for. */
  public int capacity() {
    return capacity;
  }

  /** How many elements it holds. */
  public int size() {
    return size;
  }

  /** The same, after somebody has written {@link #keys} and {@link #values} directly. */
  public void size(int newSize) {
    size = Objects.checkIndex(newSize, capacity + 1);
  }

  /** The keys, one behind the other; another segment after a read that needed more room. */
  public MemorySegment keys() {
    return keys;
  }

  /**
   * The values, one behind the other; another segment after a read that needed more room. In a
   * {@link PerCpuMap} each value of each CPU begins at a multiple of 8.
   */
  public MemorySegment values() {
    return values;
  }

  /** Forgets its elements. */
  public void clear() {
    size = 0;
  }

  /**
   * Appends an element.
   *
   * @throws IndexOutOfBoundsException if there is no room
   */
  public void add(K key, V value) {
    int at = add(key);
    write(map.values(), Objects.requireNonNull(value, "value"), values, at);
  }

  /**
   * Appends an element without its value, to be removed.
   *
   * @return its index
   * @throws IndexOutOfBoundsException if there is no room
   */
  public int add(K key) {
    int at = Objects.checkIndex(size, capacity);
    write(map.keys(), Objects.requireNonNull(key, "key"), keys, at);
    size = at + 1;
    return at;
  }

  private static <T> void write(Codec<T> codec, T value, MemorySegment column, int at) {
    KeyedMap.write(codec, value, slice(codec, column, at));
  }

  private static MemorySegment slice(Codec<?> codec, MemorySegment column, int at) {
    return column.asSlice((long) at * codec.size(), codec.size());
  }

  /** The key of an element. */
  public K key(int index) {
    return map.keys().read(slice(map.keys(), keys, Objects.checkIndex(index, size)));
  }

  /** The value of an element. */
  public V value(int index) {
    return map.values().read(slice(map.values(), values, Objects.checkIndex(index, size)));
  }

  void forEach(BiConsumer<? super K, ? super V> action) {
    for (int i = 0; i < size; i++) {
      action.accept(key(i), value(i));
    }
  }

  /**
   * Reads the next elements of the map ({@code BPF_MAP_LOOKUP_BATCH}, Linux 5.6), at first the
   * first. A hash table comes in whole buckets; where one holds more than there is room for, the
   * batch grows.
   *
   * <p>Hash tables and arrays are read to the end whatever others change meanwhile, and no key
   * comes twice. In maps of other types, a removal by others may send the reading back to the
   * start; {@link KeyedMap#forEach} knows what to do about it.
   *
   * @return whether it holds any: false at the end of the map
   * @throws io.github.purebpf.bpf.error.KernelErrorException if the type of map knows no batches
   *     (ENOTSUPP)
   */
  public boolean next() {
    return next(Cmd.MAP_LOOKUP_BATCH);
  }

  /**
   * Reads the next elements of a hash table and removes them ({@code
   * BPF_MAP_LOOKUP_AND_DELETE_BATCH}, Linux 5.6).
   *
   * @return whether it holds any: false at the end of the map
   * @throws io.github.purebpf.bpf.error.KernelErrorException if the map is no hash table (ENOTSUPP)
   */
  public boolean drain() {
    return next(Cmd.MAP_LOOKUP_AND_DELETE_BATCH);
  }

  /** The next {@link #next} or {@link #drain} begins at the start of the map. */
  public void rewind() {
    size = 0;
    begun = false;
    ended = false;
  }

  private boolean next(Cmd command) {
    size = 0;
    while (size == 0 && !ended) {
      int result = read(command);
      if (result < 0) {
        throw map.failure(command, result);
      }
    }
    return size > 0;
  }

  /** The first read; false if this kernel or this type of map does not know batches. */
  boolean begin() {
    int result = read(Cmd.MAP_LOOKUP_BATCH);
    if (result == -Errno.ENOTSUPP || result == -Errno.EINVAL) {
      return false;
    }
    if (result < 0) {
      throw map.failure(Cmd.MAP_LOOKUP_BATCH, result);
    }
    return true;
  }

  /** A negated errno, or 0 with the elements that were read. */
  private int read(Cmd command) {
    attr.pointer(Attr.MapBatch.OUT_BATCH, cursor);
    int result;
    do {
      attr.u64(Attr.MapBatch.IN_BATCH, begun ? cursor.address() : 0);
      result = call(command, 0, capacity);
      if (result == -Errno.ENOSPC) {
        // One bucket holds more than there is room for; nothing has been read or removed.
        allocate(Math.multiplyExact(capacity, GROWTH));
      }
    } while (result == -Errno.ENOSPC);
    if (result < 0 && result != -Errno.ENOENT) {
      return result;
    }
    begun = true;
    ended = result == -Errno.ENOENT;
    size = attr.u32(Attr.MapBatch.COUNT);
    return 0;
  }

  private int call(Cmd command, int from, int count) {
    attr.u64(Attr.MapBatch.KEYS, keys.address() + (long) from * map.keys().size())
        .u64(Attr.MapBatch.VALUES, values.address() + (long) from * map.values().size())
        .u32(Attr.MapBatch.COUNT, count)
        .u64(Attr.MapBatch.ELEM_FLAGS, command == Cmd.MAP_DELETE_BATCH ? 0 : map.lock());
    return map.call(command, attr, Attr.MapBatch.MAP_FD);
  }

  /**
   * Puts its elements into the map ({@code BPF_MAP_UPDATE_BATCH}, Linux 5.6), in their order, also
   * in place of those that are there; one by one where the kernel does not know that for this type
   * of map.
   *
   * @throws io.github.purebpf.bpf.error.KernelErrorException if the map is full (E2BIG); the
   *     message says how many were put
   */
  public void put() {
    put(0, size);
  }

  /** As a part of several: the error counts those put before, too. */
  void put(int before, int total) {
    if (size == 0) {
      return;
    }
    int result = write(Cmd.MAP_UPDATE_BATCH, 0);
    if (result >= 0) {
      return;
    }
    int done = done(result, size);
    if (done == 0 && isUnknown(result)) {
      putOneByOne(before, total);
      return;
    }
    throw MapFailure.of(map, Cmd.MAP_UPDATE_BATCH, before + done, total).exception(result);
  }

  private void putOneByOne(int before, int total) {
    var block = map.take();
    try {
      for (int i = 0; i < size; i++) {
        block.key.copyFrom(slice(map.keys(), keys, i));
        block.value.copyFrom(slice(map.values(), values, i));
        int result = map.tryUpdate(block, UpdateFlags.ANY | map.lock());
        if (result < 0) {
          throw MapFailure.of(map, Cmd.MAP_UPDATE_ELEM, before + i, total).exception(result);
        }
      }
    } finally {
      map.give(block);
    }
  }

  /**
   * Removes its keys from the map ({@code BPF_MAP_DELETE_BATCH}, Linux 5.6); those that are not
   * there are passed over. One by one where the kernel does not know that for this type of map.
   *
   * @return how many were there
   * @throws io.github.purebpf.bpf.error.KernelErrorException for an array, whose entries cannot be
   *     removed (EINVAL)
   */
  public int remove() {
    int removed = 0;
    int at = 0;
    while (at < size) {
      int result = write(Cmd.MAP_DELETE_BATCH, at);
      int done = done(result, size - at);
      removed += done;
      at += done;
      if (result == -Errno.ENOENT) {
        // The key at which it stopped is not there.
        at++;
      } else if (result < 0) {
        if (at == 0 && isUnknown(result)) {
          return removeOneByOne();
        }
        throw MapFailure.of(map, Cmd.MAP_DELETE_BATCH, removed, size).exception(result);
      }
    }
    return removed;
  }

  private int removeOneByOne() {
    int removed = 0;
    var block = map.take();
    try {
      for (int i = 0; i < size; i++) {
        block.key.copyFrom(slice(map.keys(), keys, i));
        removed += map.delete(block) ? 1 : 0;
      }
    } finally {
      map.give(block);
    }
    return removed;
  }

  private int write(Cmd command, int from) {
    attr.u64(Attr.MapBatch.IN_BATCH, 0).u64(Attr.MapBatch.OUT_BATCH, 0);
    return call(command, from, size - from);
  }

  /**
   * How many were done: the kernel may fail before it writes the count over that of the request.
   */
  private int done(int result, int requested) {
    int count = attr.u32(Attr.MapBatch.COUNT);
    return result < 0 && count == requested ? 0 : count;
  }

  private static boolean isUnknown(int result) {
    return result == -Errno.ENOTSUPP || result == -Errno.EINVAL;
  }

  /** The map and the number of elements. */
  @Override
  public String toString() {
    return size + " elements of " + map.title();
  }
}
