package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.uapi.UpdateFlags;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * One element of a map at a time, in native memory of its own, which is used again by each call:
 * reading and writing integers, records and raw memory through it allocates nothing.
 *
 * <pre>{@code
 * var element = hits.element();
 * for (int port : ports) {
 *   if (element.key(port).get()) {
 *     sum += element.valueAsLong();
 *   }
 * }
 * element.key(8502).value(0).put();
 * }</pre>
 *
 * <p>It belongs to one thread at a time. Its memory lives as long as it is reachable, and it needs
 * no closing; once the map is closed its calls are refused.
 *
 * @param <K> the Java type of the keys
 * @param <V> the Java type of the values
 */
public final class MapElement<K, V> {
  private final KeyedMap<K, V> map;
  private final MapMemory block;

  MapElement(KeyedMap<K, V> map, MapMemory block) {
    this.map = map;
    this.block = block;
  }

  /** The bytes of the key, zeros in the beginning. */
  public MemorySegment keyMemory() {
    return block.key;
  }

  /**
   * The bytes of the value, zeros in the beginning; in a {@link PerCpuMap} those of all CPUs, each
   * value beginning at a multiple of 8.
   */
  public MemorySegment valueMemory() {
    return block.value;
  }

  /** Sets the key that the next calls are about. */
  public MapElement<K, V> key(K key) {
    KeyedMap.write(map.keys(), Objects.requireNonNull(key, "key"), block.key);
    return this;
  }

  /**
   * Sets an integer as the key that the next calls are about.
   *
   * @throws IllegalStateException if the keys of the map are no integers
   * @throws IllegalArgumentException if the number is outside of their range
   */
  public MapElement<K, V> key(long number) {
    IntegerCodec.of(map.keys(), map, "keys").writeNumber(number, block.key);
    return this;
  }

  /** Sets the value that {@link #put} will write. */
  public MapElement<K, V> value(V value) {
    KeyedMap.write(map.values(), Objects.requireNonNull(value, "value"), block.value);
    return this;
  }

  /**
   * Sets an integer as the value that {@link #put} will write.
   *
   * @throws IllegalStateException if the values of the map are no integers
   * @throws IllegalArgumentException if the number is outside of their range
   */
  public MapElement<K, V> value(long number) {
    IntegerCodec.of(map.values(), map, "values").writeNumber(number, block.value);
    return this;
  }

  /** The key. */
  public K key() {
    return map.keys().read(block.key);
  }

  /** The value that was read or set last. */
  public V value() {
    return map.values().read(block.value);
  }

  /**
   * The key as a number, unsigned if its C type is.
   *
   * @throws IllegalStateException if the keys of the map are no integers
   */
  public long keyAsLong() {
    return IntegerCodec.of(map.keys(), map, "keys").readNumber(block.key);
  }

  /**
   * The value that was read or set last as a number, unsigned if its C type is.
   *
   * @throws IllegalStateException if the values of the map are no integers
   */
  public long valueAsLong() {
    return IntegerCodec.of(map.values(), map, "values").readNumber(block.value);
  }

  /**
   * Reads the value of the key; see {@link KeyedMap#get}.
   *
   * @return whether there is one; the value is left alone if not
   */
  public boolean get() {
    return map.lookup(Cmd.MAP_LOOKUP_ELEM, block, map.lock());
  }

  /** Writes the value of the key, whether there is one or not; see {@link KeyedMap#put}. */
  public void put() {
    var _ = map.update(block, UpdateFlags.ANY | map.lock());
  }

  /**
   * Writes the value of the key if there is none; see {@link KeyedMap#putIfAbsent}.
   *
   * @return whether there was none
   */
  public boolean putIfAbsent() {
    return map.update(block, UpdateFlags.NOEXIST | map.lock());
  }

  /**
   * Writes the value of the key if there is one; see {@link KeyedMap#replace}.
   *
   * @return whether there was one
   */
  public boolean replace() {
    return map.update(block, UpdateFlags.EXIST | map.lock());
  }

  /**
   * Removes the key; see {@link KeyedMap#remove}.
   *
   * @return whether it was there
   */
  public boolean remove() {
    return map.delete(block);
  }

  /**
   * Removes the key and reads the value that it had; see {@link KeyedMap#removeAndGet}.
   *
   * @return whether it was there; the value is left alone if not
   */
  public boolean removeAndGet() {
    return map.lookup(Cmd.MAP_LOOKUP_AND_DELETE_ELEM, block, map.lock());
  }

  /** The map and its name. */
  @Override
  public String toString() {
    return "an element of " + map.title();
  }
}
