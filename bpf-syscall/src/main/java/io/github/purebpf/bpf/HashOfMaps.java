package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapType;
import java.nio.file.Path;

/**
 * Maps by key ({@code BPF_MAP_TYPE_HASH_OF_MAPS}, Linux 4.12). A program looks a map up and then
 * uses it.
 *
 * <p>The maps inside live as long as they are inside, whether they are closed here or not.
 *
 * @param <K> the Java type of the keys
 */
public final class HashOfMaps<K> extends MapOfMaps<K> {
  private HashOfMaps(Kernel kernel, int fd, MapRef name, MapShape shape, Codec<K> key) {
    super(kernel, fd, name, shape, key);
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
}
