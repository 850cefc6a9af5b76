package io.github.purebpf.bpf;

import io.github.purebpf.bpf.error.BpfException;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.uapi.MapType;
import io.github.purebpf.uapi.UpdateFlags;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * A map in the kernel, shared between this process and BPF programs.
 *
 * <p>Every call goes to the kernel; nothing is cached. A single call is atomic with regard to
 * others, a sequence of calls is not.
 *
 * @param <K> the Java type of the keys
 * @param <V> the Java type of the values
 */
public final class BpfMap<K, V> extends KernelMap {
  private final MapSpec<K, V> spec;
  private final MapMemory.Pool memory;

  private BpfMap(Kernel kernel, int fd, MapSpec<K, V> spec) {
    super(kernel, fd, spec.name(), spec.shape());
    this.spec = spec;
    this.memory = new MapMemory.Pool(spec.key().size(), spec.value().size());
  }

  /**
   * Makes a map ({@code BPF_MAP_CREATE}, Linux 3.18; named since 4.15).
   *
   * <p>Where the kernel takes them for this type of map (Linux 4.18), the C types that the codecs
   * tell go with it, so that {@code bpftool map dump} prints the fields of keys and values.
   *
   * @throws MissingPrivilegeException without CAP_BPF
   * @throws UnsupportedKernelException if the kernel is older than the type of map
   * @throws KernelErrorException if it refuses the sizes or flags (EINVAL, E2BIG, ENOMEM)
   */
  public static <K, V> BpfMap<K, V> create(MapSpec<K, V> spec) {
    return create(Kernel.running(), spec);
  }

  static <K, V> BpfMap<K, V> create(Kernel kernel, MapSpec<K, V> spec) {
    int fd = MapCreator.of(kernel, spec).create();
    return new BpfMap<>(kernel, fd, spec);
  }

  /**
   * Opens a pinned map ({@code BPF_OBJ_GET}, Linux 4.4).
   *
   * @param spec what the map must be: its type, its key and value sizes and its number of entries
   * @throws IllegalArgumentException if it is another; the message says in what
   * @throws KernelErrorException if nothing is pinned there (ENOENT) or it may not be opened
   *     (EACCES, EPERM)
   */
  public static <K, V> BpfMap<K, V> openPinned(Path path, MapSpec<K, V> spec) {
    return openPinned(Kernel.running(), path, spec);
  }

  static <K, V> BpfMap<K, V> openPinned(Kernel kernel, Path path, MapSpec<K, V> spec) {
    return openPinned(kernel, path, (k, fd) -> new BpfMap<>(k, fd, spec));
  }

  /** What it was made from, or opened as. */
  public MapSpec<K, V> spec() {
    return spec;
  }

  /** The value of a key; empty if there is none ({@code BPF_MAP_LOOKUP_ELEM}, Linux 3.18). */
  public Optional<V> get(K key) {
    Objects.requireNonNull(key, "key");
    var block = memory.take();
    try {
      write(spec.key(), key, block.key);
      block.attr.u64(Attr.MapElem.FLAGS, 0);
      int result = call(Cmd.MAP_LOOKUP_ELEM, block.attr, Attr.MapElem.MAP_FD);
      if (result == -Errno.ENOENT) {
        return Optional.empty();
      }
      if (result < 0) {
        throw failure(Cmd.MAP_LOOKUP_ELEM, result);
      }
      return Optional.of(spec.value().read(block.value));
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
  public void put(K key, V value) {
    int result = update(key, value, UpdateFlags.ANY);
    if (result < 0) {
      throw failure(Cmd.MAP_UPDATE_ELEM, result);
    }
  }

  /**
   * Sets the value of a key that has none ({@code BPF_NOEXIST}, Linux 3.18).
   *
   * @return whether it had none
   * @throws KernelErrorException if the map is full (E2BIG)
   */
  public boolean putIfAbsent(K key, V value) {
    int result = update(key, value, UpdateFlags.NOEXIST);
    if (result < 0 && result != -Errno.EEXIST) {
      throw failure(Cmd.MAP_UPDATE_ELEM, result);
    }
    return result >= 0;
  }

  /**
   * Sets the value of a key that has one ({@code BPF_EXIST}, Linux 3.18).
   *
   * @return whether it had one
   */
  public boolean replace(K key, V value) {
    int result = update(key, value, UpdateFlags.EXIST);
    if (result < 0 && result != -Errno.ENOENT) {
      throw failure(Cmd.MAP_UPDATE_ELEM, result);
    }
    return result >= 0;
  }

  private int update(K key, V value, long flags) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    var block = memory.take();
    try {
      write(spec.key(), key, block.key);
      write(spec.value(), value, block.value);
      block.attr.u64(Attr.MapElem.FLAGS, flags);
      return call(Cmd.MAP_UPDATE_ELEM, block.attr, Attr.MapElem.MAP_FD);
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
  public boolean remove(K key) {
    Objects.requireNonNull(key, "key");
    var block = memory.take();
    try {
      write(spec.key(), key, block.key);
      int result = call(Cmd.MAP_DELETE_ELEM, block.keyAlone, Attr.MapElem.MAP_FD);
      if (result < 0 && result != -Errno.ENOENT) {
        throw failure(Cmd.MAP_DELETE_ELEM, result);
      }
      return result >= 0;
    } finally {
      memory.give(block);
    }
  }

  /**
   * Calls the action with each entry, every key at most once, while others may change the map.
   *
   * <p>An entry that is there all the time is visited, with the value of some moment; one that
   * comes or goes meanwhile may be or not. The action may change the map, also remove the key it is
   * given.
   *
   * <p>A hash table is read bucket by bucket ({@code BPF_MAP_LOOKUP_BATCH}, Linux 5.6) and always
   * to its end. Other maps are read key by key ({@code BPF_MAP_GET_NEXT_KEY}), where every removal
   * by others may send the walk back to its start: it gives up after eight times as many steps as
   * the map has room for entries (at least 1024), and remembers the keys it has seen.
   *
   * @return whether the walk came to its end
   */
  public boolean forEach(BiConsumer<? super K, ? super V> action) {
    Objects.requireNonNull(action, "action");
    boolean buckets = spec.type() == MapType.HASH || spec.type() == MapType.LRU_HASH;
    return (buckets && new MapBatch<>(this).run(action)) || new MapWalk<>(this).run(action);
  }

  /** Fills a block's bytes, which may hold those of an earlier call. */
  static <T> void write(Codec<T> codec, T value, MemorySegment to) {
    to.fill((byte) 0);
    codec.write(value, to);
  }

  BpfException failure(Cmd command, int result) {
    return MapFailure.of(this, command).exception(result);
  }
}
