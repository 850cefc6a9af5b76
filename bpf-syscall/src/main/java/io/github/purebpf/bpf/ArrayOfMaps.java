package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapType;
import java.nio.file.Path;

/**
 * Maps by number ({@code BPF_MAP_TYPE_ARRAY_OF_MAPS}, Linux 4.12). A program looks a map up and
 * then uses it; putting another map in is how tables are exchanged as a whole.
 *
 * <p>The maps inside live as long as they are inside, whether they are closed here or not.
 */
public final class ArrayOfMaps extends MapOfMaps<Integer> {
  private ArrayOfMaps(Kernel kernel, int fd, MapRef name, MapShape shape) {
    super(kernel, fd, name, shape, Codec.u32());
  }

  /**
   * Makes one in which no map is yet.
   *
   * @param name the name by which programs refer to it
   * @param template a map like those that will be inside: of the same type, sizes and flags; it is
   *     looked at now and not kept
   * @param maxEntries how many maps it can hold, numbered from 0
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_BPF
   * @throws io.github.purebpf.bpf.error.KernelErrorException if the template is itself a map of
   *     maps, or of another type that cannot be inside (ENOTSUPP, EINVAL)
   */
  public static ArrayOfMaps create(
      MapRef name, KernelMap template, int maxEntries, MapOption... options) {
    return create(Kernel.running(), name, template, maxEntries, options);
  }

  static ArrayOfMaps create(
      Kernel kernel, MapRef name, KernelMap template, int maxEntries, MapOption... options) {
    var shape = shape(maxEntries, options);
    int fd = InnerMaps.create(new MapCreator(kernel, name, shape).with(options), template);
    return new ArrayOfMaps(kernel, fd, name, shape);
  }

  /**
   * Opens a pinned one ({@code BPF_OBJ_GET}, Linux 4.4).
   *
   * @throws IllegalArgumentException if what is pinned there is another map; the message says in
   *     what
   */
  public static ArrayOfMaps openPinned(Path path, MapRef name, int maxEntries) {
    return openPinned(Kernel.running(), path, name, maxEntries);
  }

  static ArrayOfMaps openPinned(Kernel kernel, Path path, MapRef name, int maxEntries) {
    var shape = shape(maxEntries);
    return openPinned(kernel, path, (k, fd) -> new ArrayOfMaps(k, fd, name, shape));
  }

  private static MapShape shape(int maxEntries, MapOption... options) {
    return MapCreator.shape(
        MapType.ARRAY_OF_MAPS, Integer.BYTES, Integer.BYTES, maxEntries, options);
  }
}
