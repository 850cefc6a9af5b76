package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.error.BpfException;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.UpdateFlags;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * A map of elements, each a key and its value, shared between this process and BPF programs.
 *
 * <p>Every call goes to the kernel; nothing is cached. A single call is atomic with regard to
 * others, a sequence of calls is not. Methods about one element allocate nothing but the Java
 * objects that they return; {@link #element} does without those, {@link #batch} works on many
 * elements at a time.
 *
 * <p>Where the values hold a {@code struct bpf_spin_lock} (see {@link
 * io.github.purebpf.layout.SpinLock}), every read and write of a value holds it ({@code
 * BPF_F_LOCK}, Linux 5.1).
 *
 * @param <K> the Java type of the keys
 * @param <V> the Java type of the values
 */
public abstract sealed class KeyedMap<K, V> extends KernelMap permits BpfMap, PerCpuMap {
  private static final int ROOM = 4096;

  private final Codec<K> keys;
  private final Codec<V> values;
  private final long lock;
  private final MapMemory.Pool memory;

  KeyedMap(Kernel kernel, int fd, MapRef name, MapShape shape, Codec<K> keys, Codec<V> values) {
    super(kernel, fd, name, shape);
    this.keys = keys;
    this.values = values;
    this.lock = ValueLock.isIn(values) ? UpdateFlags.LOCK : 0;
    this.memory = new MapMemory.Pool(keys.size(), values.size());
  }

  /** How keys lie in memory. */
  final Codec<K> keys() {
    return keys;
  }

  /** How values lie in the memory of a system call. */
  final Codec<V> values() {
    return values;
  }

  /** {@code BPF_F_LOCK} if the values hold a lock, or 0. */
  final long lock() {
    return lock;
  }

  /** The value of a key; empty if there is none ({@code BPF_MAP_LOOKUP_ELEM}, Linux 3.18). */
  public final Optional<V> get(K key) {
    return Optional.ofNullable(getOrDefault(key, null));
  }

  /**
   * The value of a key, or another if there is none ({@code BPF_MAP_LOOKUP_ELEM}, Linux 3.18).
   *
   * @param ifMissing what to return then, may be null
   */
  public final V getOrDefault(K key, V ifMissing) {
    Objects.requireNonNull(key, "key");
    var block = memory.take();
    try {
      write(keys, key, block.key);
      return lookup(Cmd.MAP_LOOKUP_ELEM, block, lock) ? values.read(block.value) : ifMissing;
    } finally {
      memory.give(block);
    }
  }

  /**
   * Sets the value of a key, whether there is one or not ({@code BPF_MAP_UPDATE_ELEM} with {@code
   * BPF_ANY}, Linux 3.18).
   *
   * @throws KernelErrorException if the map is full, or the key outside of an array (E2BIG)
   */
  public final void put(K key, V value) {
    update(key, value, UpdateFlags.ANY);
  }

  /**
   * Sets the value of a key that has none ({@code BPF_NOEXIST}, Linux 3.18).
   *
   * @return whether it had none
   * @throws KernelErrorException if the map is full (E2BIG)
   */
  public final boolean putIfAbsent(K key, V value) {
    return update(key, value, UpdateFlags.NOEXIST);
  }

  /**
   * Sets the value of a key that has one ({@code BPF_EXIST}, Linux 3.18).
   *
   * @return whether it had one
   */
  public final boolean replace(K key, V value) {
    return update(key, value, UpdateFlags.EXIST);
  }

  private boolean update(K key, V value, long flags) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    var block = memory.take();
    try {
      write(keys, key, block.key);
      write(values, value, block.value);
      return update(block, flags | lock);
    } finally {
      memory.give(block);
    }
  }

  /**
   * Removes a key ({@code BPF_MAP_DELETE_ELEM}, Linux 3.18).
   *
   * @return whether it was there
   * @throws KernelErrorException for an array, whose entries cannot be removed (EINVAL)
   */
  public final boolean remove(K key) {
    Objects.requireNonNull(key, "key");
    var block = memory.take();
    try {
      write(keys, key, block.key);
      return delete(block);
    } finally {
      memory.give(block);
    }
  }

  /**
   * Removes a key and returns the value that it had at that moment ({@code
   * BPF_MAP_LOOKUP_AND_DELETE_ELEM}, for hash tables Linux 5.14).
   *
   * @return empty if it was not there
   * @throws KernelErrorException for maps that are no hash tables (ENOTSUPP)
   * @throws UnsupportedKernelException before Linux 5.14
   */
  public final Optional<V> removeAndGet(K key) {
    Objects.requireNonNull(key, "key");
    var block = memory.take();
    try {
      write(keys, key, block.key);
      return lookup(Cmd.MAP_LOOKUP_AND_DELETE_ELEM, block, lock)
          ? Optional.of(values.read(block.value))
          : Optional.empty();
    } finally {
      memory.give(block);
    }
  }

  /**
   * One element in native memory: the form of {@code get} and {@code put} that allocates nothing.
   */
  public final MapElement<K, V> element() {
    return new MapElement<>(this, new MapMemory(keys.size(), values.size()));
  }

  /**
   * Many elements in native memory, which one call reads or writes.
   *
   * @param capacity how many, at least 1
   */
  public final MapBatch<K, V> batch(int capacity) {
    return new MapBatch<>(this, capacity, Arena.ofAuto());
  }

  /**
   * Sets the values of many keys, with a call for each 4096 ({@code BPF_MAP_UPDATE_BATCH}, Linux
   * 5.6), or one by one where the kernel does not know that for this type of map.
   *
   * @throws KernelErrorException if the map is full (E2BIG); the message says how many were put
   */
  public final void putAll(Map<? extends K, ? extends V> entries) {
    try (var arena = Arena.ofConfined()) {
      var batch = new MapBatch<>(this, Math.clamp(entries.size(), 1, ROOM), arena);
      int put = 0;
      for (var entry : entries.entrySet()) {
        batch.add(entry.getKey(), entry.getValue());
        if (batch.size() == batch.capacity()) {
          batch.put(put, entries.size());
          put += batch.size();
          batch.clear();
        }
      }
      batch.put(put, entries.size());
    }
  }

  /**
   * Removes many keys, with a call for each 4096 ({@code BPF_MAP_DELETE_BATCH}, Linux 5.6), or one
   * by one where the kernel does not know that for this type of map. Those that are not there are
   * passed over.
   *
   * @return how many were there
   * @throws KernelErrorException for an array, whose entries cannot be removed (EINVAL)
   */
  public final int removeAll(Collection<? extends K> all) {
    try (var arena = Arena.ofConfined()) {
      var batch = new MapBatch<>(this, Math.clamp(all.size(), 1, ROOM), arena);
      int removed = 0;
      for (var key : all) {
        batch.add(key);
        if (batch.size() == batch.capacity()) {
          removed += batch.remove();
          batch.clear();
        }
      }
      return removed + batch.remove();
    }
  }

  /**
   * Calls the action with each entry, every key at most once, while others may change the map.
   *
   * <p>An entry that is there all the time is visited, with the value of some moment; one that
   * comes or goes meanwhile may be or not. The action may change the map, also remove the key it is
   * given.
   *
   * <p>A hash table is read bucket by bucket and an array element by element ({@code
   * BPF_MAP_LOOKUP_BATCH}, Linux 5.6), always to the end. Other maps are read key by key ({@code
   * BPF_MAP_GET_NEXT_KEY}), where every removal by others may send the walk back to its start: it
   * gives up after eight times as many steps as the map has room for entries (at least 1024), and
   * remembers the keys it has seen.
   *
   * <p>While others change a trie, the kernel may pass over a prefix that stays. Tries are
   * therefore walked again, and a prefix that only the second walk finds makes the result false. A
   * prefix that is removed between two calls comes with the value of the next that covers it.
   *
   * @return whether the walk came to its end, and saw all that was there all the time
   */
  public final boolean forEach(BiConsumer<? super K, ? super V> action) {
    Objects.requireNonNull(action, "action");
    return (isReadInOrder() && forEachBatch(action)) || new MapWalk<>(this).run(action);
  }

  /** Whether a batch continues where the one before ended, whatever was removed in between. */
  private boolean isReadInOrder() {
    return switch (shape().type()) {
      case HASH, LRU_HASH, PERCPU_HASH, LRU_PERCPU_HASH, ARRAY, PERCPU_ARRAY -> true;
      default -> false;
    };
  }

  /** False if this kernel or this map does not know batches; the action was not called then. */
  private boolean forEachBatch(BiConsumer<? super K, ? super V> action) {
    try (var arena = Arena.ofConfined()) {
      var batch = new MapBatch<>(this, MapBatch.FIRST_ROOM, arena);
      if (!batch.begin()) {
        return false;
      }
      do {
        batch.forEach(action);
      } while (batch.next());
      return true;
    }
  }

  /**
   * Removes all entries and calls the action with each that was there ({@code
   * BPF_MAP_LOOKUP_AND_DELETE_BATCH}, Linux 5.6), bucket by bucket. No entry is lost or seen twice,
   * whatever programs put meanwhile; what they put behind the walk stays.
   *
   * <p>When the action throws, the entries of the same bunch that it has not seen are gone.
   *
   * @return how many there were
   * @throws KernelErrorException for maps that are no hash tables (ENOTSUPP)
   * @throws UnsupportedKernelException before Linux 5.6
   */
  public final int drain(BiConsumer<? super K, ? super V> action) {
    Objects.requireNonNull(action, "action");
    try (var arena = Arena.ofConfined()) {
      var batch = new MapBatch<>(this, MapBatch.FIRST_ROOM, arena);
      int drained = 0;
      while (batch.drain()) {
        drained += batch.size();
        batch.forEach(action);
      }
      return drained;
    }
  }

  /**
   * A copy of all entries, in the order of the kernel. It is no picture of one moment, see {@link
   * #forEach}.
   *
   * @throws IllegalStateException if entries were removed by others so often that the walk gave up
   */
  public final Map<K, V> toMap() {
    var copy = new LinkedHashMap<K, V>();
    if (!forEach(copy::put)) {
      throw new IllegalStateException(
          title() + " changed too often to be read to its end; forEach gives what can be had");
    }
    return copy;
  }

  /** Whether the key that the block holds was there; its value is in the block. */
  final boolean lookup(Cmd command, MapMemory block, long flags) {
    block.attr.u64(Attr.MapElem.FLAGS, flags);
    int result = call(command, block.attr, Attr.MapElem.MAP_FD);
    if (result < 0 && result != -Errno.ENOENT) {
      throw failure(command, result);
    }
    return result >= 0;
  }

  /** False if the flags forbid it for the key that the block holds. */
  final boolean update(MapMemory block, long flags) {
    int result = tryUpdate(block, flags);
    boolean noExist = (flags & UpdateFlags.NOEXIST) != 0;
    boolean exist = (flags & UpdateFlags.EXIST) != 0;
    if (result >= 0) {
      return true;
    }
    if ((noExist && result == -Errno.EEXIST) || (exist && result == -Errno.ENOENT)) {
      return false;
    }
    throw failure(Cmd.MAP_UPDATE_ELEM, result);
  }

  /** A negated errno, or 0. */
  final int tryUpdate(MapMemory block, long flags) {
    block.attr.u64(Attr.MapElem.FLAGS, flags);
    return call(Cmd.MAP_UPDATE_ELEM, block.attr, Attr.MapElem.MAP_FD);
  }

  /** Whether the key that the block holds was there. */
  final boolean delete(MapMemory block) {
    int result = call(Cmd.MAP_DELETE_ELEM, block.keyAlone, Attr.MapElem.MAP_FD);
    if (result < 0 && result != -Errno.ENOENT) {
      throw failure(Cmd.MAP_DELETE_ELEM, result);
    }
    return result >= 0;
  }

  /** Memory for one call, to be given back. */
  final MapMemory take() {
    return memory.take();
  }

  /** Gives back what {@link #take} has given. */
  final void give(MapMemory block) {
    memory.give(block);
  }

  /** Fills a block's bytes, which may hold those of an earlier call. */
  static <T> void write(Codec<T> codec, T value, MemorySegment to) {
    to.fill((byte) 0);
    codec.write(value, to);
  }

  final BpfException failure(Cmd command, int result) {
    return MapFailure.of(this, command).exception(result);
  }
}
