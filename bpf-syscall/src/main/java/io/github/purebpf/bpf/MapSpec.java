package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapType;
import java.util.Objects;

/**
 * What a map is to be; {@link BpfMap#create} makes one.
 *
 * @param <K> the Java type of the keys
 * @param <V> the Java type of the values
 * @param name the name by which programs refer to it, and that bpftool shows
 * @param type the kind of map; those with a value for each CPU are refused
 * @param key the layout of the keys
 * @param value the layout of the values
 * @param maxEntries how many entries it can hold, taken as unsigned
 * @param flags {@code BPF_F_…}, see {@link io.github.purebpf.uapi.MapFlags}
 */
public record MapSpec<K, V>(
    MapRef name, MapType type, Codec<K> key, Codec<V> value, int maxEntries, int flags) {
  /** Refuses nulls and the types that this library has no values for. */
  public MapSpec {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    switch (type) {
      // The kernel would write the values of all CPUs to the room for one.
      case PERCPU_HASH, PERCPU_ARRAY, LRU_PERCPU_HASH, PERCPU_CGROUP_STORAGE ->
          throw new IllegalArgumentException(
              "map "
                  + name
                  + ": "
                  + type.kernelName()
                  + " holds a value for each CPU, which"
                  + " BpfMap does not read; take the type without PERCPU");
      default -> {}
    }
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

  /** What of it does not concern the Java types. */
  public MapShape shape() {
    return new MapShape(type, key.size(), value.size(), maxEntries, flags);
  }

  /** The same with other flags. */
  public MapSpec<K, V> withFlags(int newFlags) {
    return new MapSpec<>(name, type, key, value, maxEntries, newFlags);
  }
}
