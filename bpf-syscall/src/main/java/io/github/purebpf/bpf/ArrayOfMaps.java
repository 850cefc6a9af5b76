package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapType;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Maps by number ({@code BPF_MAP_TYPE_ARRAY_OF_MAPS}, Linux 4.12). A program looks a map up and
 * then uses it; putting another map in is how tables are exchanged as a whole.
 *
 * <p>The maps inside live as long as they are inside, whether they are closed here or not.
 */
public final class ArrayOfMaps extends KernelMap {
  private final Elements<Integer, Integer> elements;

  private ArrayOfMaps(Kernel kernel, int fd, MapRef name, MapShape shape) {
    super(kernel, fd, name, shape);
    this.elements = InnerMaps.elements(this, Codec.u32());
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

  /**
   * Puts a map in, in place of one that may be there ({@code BPF_MAP_UPDATE_ELEM}). When this
   * returns, no program uses the old one any more.
   *
   * @throws io.github.purebpf.bpf.error.KernelErrorException if the map is not like the template
   *     (EINVAL), or the number too high (E2BIG)
   */
  public void put(int index, KernelMap inner) {
    InnerMaps.put(elements, index, inner);
  }

  /**
   * The id of a map inside ({@code BPF_MAP_LOOKUP_ELEM}, Linux 4.14).
   *
   * @return empty if there is none, or the number is too high
   */
  public OptionalInt id(int index) {
    return InnerMaps.id(elements, index);
  }

  /**
   * Opens a map inside ({@code BPF_MAP_GET_FD_BY_ID}, Linux 4.13).
   *
   * @param spec what it must be
   * @return empty if there is none; to be closed by the caller
   * @throws IllegalArgumentException if it is another; the message says in what
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_SYS_ADMIN
   */
  public <K, V> Optional<BpfMap<K, V>> open(int index, MapSpec<K, V> spec) {
    return InnerMaps.open(kernel(), id(index), spec);
  }

  /**
   * Takes a map out ({@code BPF_MAP_DELETE_ELEM}).
   *
   * @return whether there was one
   */
  public boolean remove(int index) {
    return elements.remove(index);
  }
}
