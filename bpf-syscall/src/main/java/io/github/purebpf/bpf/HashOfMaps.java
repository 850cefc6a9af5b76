package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapType;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Maps by key ({@code BPF_MAP_TYPE_HASH_OF_MAPS}, Linux 4.12). A program looks a map up and then
 * uses it.
 *
 * <p>The maps inside live as long as they are inside, whether they are closed here or not.
 *
 * @param <K> the Java type of the keys
 */
public final class HashOfMaps<K> extends KernelMap {
  private final Elements<K, Integer> elements;

  private HashOfMaps(Kernel kernel, int fd, MapRef name, MapShape shape, Codec<K> key) {
    super(kernel, fd, name, shape);
    this.elements = InnerMaps.elements(this, key);
  }

  /**
   * Makes one in which no map is yet.
   *
   * @param name the name by which programs refer to it
   * @param template a map like those that will be inside: of the same type, sizes and flags; it is
   *     looked at now and not kept
   * @param maxEntries how many maps it can hold
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_BPF
   * @throws io.github.purebpf.bpf.error.KernelErrorException if the template is itself a map of
   *     maps, or of another type that cannot be inside (ENOTSUPP, EINVAL)
   */
  public static <K> HashOfMaps<K> create(
      MapRef name, Codec<K> key, KernelMap template, int maxEntries, MapOption... options) {
    return create(Kernel.running(), name, key, template, maxEntries, options);
  }

  static <K> HashOfMaps<K> create(
      Kernel kernel,
      MapRef name,
      Codec<K> key,
      KernelMap template,
      int maxEntries,
      MapOption... options) {
    var shape = shape(key, maxEntries, options);
    int fd = InnerMaps.create(new MapCreator(kernel, name, shape).with(options), template);
    return new HashOfMaps<>(kernel, fd, name, shape, key);
  }

  /**
   * Opens a pinned one ({@code BPF_OBJ_GET}, Linux 4.4).
   *
   * @throws IllegalArgumentException if what is pinned there is another map; the message says in
   *     what
   */
  public static <K> HashOfMaps<K> openPinned(Path path, MapRef name, Codec<K> key, int maxEntries) {
    return openPinned(Kernel.running(), path, name, key, maxEntries);
  }

  static <K> HashOfMaps<K> openPinned(
      Kernel kernel, Path path, MapRef name, Codec<K> key, int maxEntries) {
    var shape = shape(key, maxEntries);
    return openPinned(kernel, path, (k, fd) -> new HashOfMaps<>(k, fd, name, shape, key));
  }

  private static MapShape shape(Codec<?> key, int maxEntries, MapOption... options) {
    return MapCreator.shape(MapType.HASH_OF_MAPS, key.size(), Integer.BYTES, maxEntries, options);
  }

  /**
   * Puts a map in, in place of one that may be there ({@code BPF_MAP_UPDATE_ELEM}). When this
   * returns, no program uses the old one any more.
   *
   * @throws io.github.purebpf.bpf.error.KernelErrorException if the map is not like the template
   *     (EINVAL), or this one is full (E2BIG)
   */
  public void put(K key, KernelMap inner) {
    InnerMaps.put(elements, Objects.requireNonNull(key, "key"), inner);
  }

  /**
   * The id of a map inside ({@code BPF_MAP_LOOKUP_ELEM}, Linux 4.14).
   *
   * @return empty if there is none
   */
  public OptionalInt id(K key) {
    return InnerMaps.id(elements, Objects.requireNonNull(key, "key"));
  }

  /**
   * Opens a map inside ({@code BPF_MAP_GET_FD_BY_ID}, Linux 4.13).
   *
   * @param spec what it must be
   * @return empty if there is none; to be closed by the caller
   * @throws IllegalArgumentException if it is another; the message says in what
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_SYS_ADMIN
   */
  public <L, V> Optional<BpfMap<L, V>> open(K key, MapSpec<L, V> spec) {
    return InnerMaps.open(kernel(), id(key), spec);
  }

  /**
   * Takes a map out ({@code BPF_MAP_DELETE_ELEM}).
   *
   * @return whether there was one
   */
  public boolean remove(K key) {
    return elements.remove(Objects.requireNonNull(key, "key"));
  }
}
