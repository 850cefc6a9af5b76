package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapFlags;
import io.github.purebpf.uapi.MapType;
import java.util.Objects;

/**
 * What a map is to be; {@link BpfMap#create} makes one, {@link PerCpuMap#create} one with a value
 * for each CPU.
 *
 * @param <K> the Java type of the keys
 * @param <V> the Java type of the values
 * @param name the name by which programs refer to it, and that bpftool shows
 * @param type the kind of map
 * @param key the layout of the keys
 * @param value the layout of the values, of one CPU where there is a value for each
 * @param maxEntries how many entries it can hold, taken as unsigned
 * @param flags {@code BPF_F_…}, see {@link io.github.purebpf.uapi.MapFlags}
 */
public record MapSpec<K, V>(
    MapRef name, MapType type, Codec<K> key, Codec<V> value, int maxEntries, int flags) {
  private static final int LONGEST_PREFIX = 256;

  /** Refuses nulls. */
  public MapSpec {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
  }

  /** A hash table ({@code BPF_MAP_TYPE_HASH}, Linux 3.19), preallocated. */
  public static <K, V> MapSpec<K, V> hash(
      MapRef name, Codec<K> key, Codec<V> value, int maxEntries) {
    return new MapSpec<>(name, MapType.HASH, key, value, maxEntries, 0);
  }

  /**
   * An array ({@code BPF_MAP_TYPE_ARRAY}, Linux 3.19): all keys from 0 to below the number of
   * entries are always there, with values of zeros in the beginning.
   */
  public static <V> MapSpec<Integer, V> array(MapRef name, Codec<V> value, int maxEntries) {
    return new MapSpec<>(name, MapType.ARRAY, Codec.u32(), value, maxEntries, 0);
  }

  /**
   * A hash table that makes room for a new key by removing one that has not been used for long
   * ({@code BPF_MAP_TYPE_LRU_HASH}, Linux 4.10). It may begin to do so before it is full.
   */
  public static <K, V> MapSpec<K, V> lruHash(
      MapRef name, Codec<K> key, Codec<V> value, int maxEntries) {
    return new MapSpec<>(name, MapType.LRU_HASH, key, value, maxEntries, 0);
  }

  /**
   * A table in which a lookup finds the longest prefix that covers it ({@code
   * BPF_MAP_TYPE_LPM_TRIE}, Linux 4.11), with the flag {@code BPF_F_NO_PREALLOC}, which it must
   * have.
   *
   * @param key a prefix length of 32 bits in the machine's byte order, and behind it 1 to 256 bytes
   *     of which it counts the bits, the highest bit of the first byte first: an address in network
   *     byte order
   * @throws IllegalArgumentException if keys have another number of bytes than that
   */
  public static <K, V> MapSpec<K, V> lpmTrie(
      MapRef name, Codec<K> key, Codec<V> value, int maxEntries) {
    if (key.size() <= Integer.BYTES || key.size() > Integer.BYTES + LONGEST_PREFIX) {
      throw new IllegalArgumentException(
          "map %s: keys of %d bytes; a prefix length takes 4 and what it counts 1 to 256"
              .formatted(name, key.size()));
    }
    return new MapSpec<>(name, MapType.LPM_TRIE, key, value, maxEntries, MapFlags.NO_PREALLOC);
  }

  /** A hash table with a value for each CPU ({@code BPF_MAP_TYPE_PERCPU_HASH}, Linux 4.6). */
  public static <K, V> MapSpec<K, V> perCpuHash(
      MapRef name, Codec<K> key, Codec<V> value, int maxEntries) {
    return new MapSpec<>(name, MapType.PERCPU_HASH, key, value, maxEntries, 0);
  }

  /** The same with the habits of {@link #lruHash} ({@code BPF_MAP_TYPE_LRU_PERCPU_HASH}, 4.10). */
  public static <K, V> MapSpec<K, V> lruPerCpuHash(
      MapRef name, Codec<K> key, Codec<V> value, int maxEntries) {
    return new MapSpec<>(name, MapType.LRU_PERCPU_HASH, key, value, maxEntries, 0);
  }

  /** An array with a value for each CPU ({@code BPF_MAP_TYPE_PERCPU_ARRAY}, Linux 4.6). */
  public static <V> MapSpec<Integer, V> perCpuArray(MapRef name, Codec<V> value, int maxEntries) {
    return new MapSpec<>(name, MapType.PERCPU_ARRAY, Codec.u32(), value, maxEntries, 0);
  }

  /** Whether there is a value for each CPU under each key. */
  public boolean isPerCpu() {
    return switch (type) {
      case PERCPU_HASH, PERCPU_ARRAY, LRU_PERCPU_HASH, PERCPU_CGROUP_STORAGE -> true;
      default -> false;
    };
  }

  /** What of it does not concern the Java types. */
  public MapShape shape() {
    return new MapShape(type, key.size(), value.size(), maxEntries, flags);
  }

  /**
   * The same with memory for an entry taken when it is put, and not for all entries in the
   * beginning ({@code BPF_F_NO_PREALLOC}, Linux 4.6); for hash tables other than LRU.
   */
  public MapSpec<K, V> withoutPreallocation() {
    return withFlags(flags | MapFlags.NO_PREALLOC);
  }

  /**
   * The same so that its memory can be mapped into that of processes ({@code BPF_F_MMAPABLE}, Linux
   * 5.5); for arrays. See {@link BpfMap#mapMemory}.
   */
  public MapSpec<K, V> mappable() {
    return withFlags(flags | MapFlags.MMAPABLE);
  }

  /** The same with the flags of options. */
  MapSpec<K, V> with(MapOption... options) {
    return options.length == 0 ? this : withFlags(flags | MapOption.flags(options));
  }

  /** The same with other flags. */
  public MapSpec<K, V> withFlags(int newFlags) {
    return new MapSpec<>(name, type, key, value, maxEntries, newFlags);
  }
}
