package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapType;
import java.nio.file.Path;

/**
 * Cgroups by number, of which a program asks whether a packet or the current task is inside ({@code
 * bpf_skb_under_cgroup}, {@code bpf_current_task_under_cgroup}; {@code BPF_MAP_TYPE_CGROUP_ARRAY},
 * Linux 4.8). The kernel does not tell which ones are in it.
 */
public final class CgroupArray extends KernelMap {
  private final Elements<Integer, Integer> elements;

  private CgroupArray(Kernel kernel, int fd, MapRef name, MapShape shape) {
    super(kernel, fd, name, shape);
    this.elements =
        new Elements<>(
            this,
            Codec.u32(),
            Codec.u32(),
            words ->
                words.hint(Errno.E2BIG, "the number is outside 0 to " + (shape.maxEntries() - 1)));
  }

  /**
   * Makes an empty one.
   *
   * @param name the name by which programs refer to it
   * @param maxEntries how many cgroups it can hold, numbered from 0
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_BPF
   */
  public static CgroupArray create(MapRef name, int maxEntries, MapOption... options) {
    return create(Kernel.running(), name, maxEntries, options);
  }

  static CgroupArray create(Kernel kernel, MapRef name, int maxEntries, MapOption... options) {
    var shape = shape(maxEntries, options);
    int fd = new MapCreator(kernel, name, shape).with(options).create();
    return new CgroupArray(kernel, fd, name, shape);
  }

  /**
   * Opens a pinned one ({@code BPF_OBJ_GET}, Linux 4.4).
   *
   * @throws IllegalArgumentException if what is pinned there is another map; the message says in
   *     what
   */
  public static CgroupArray openPinned(Path path, MapRef name, int maxEntries) {
    return openPinned(Kernel.running(), path, name, maxEntries);
  }

  static CgroupArray openPinned(Kernel kernel, Path path, MapRef name, int maxEntries) {
    var shape = shape(maxEntries);
    return openPinned(kernel, path, (k, fd) -> new CgroupArray(k, fd, name, shape));
  }

  private static MapShape shape(int maxEntries, MapOption... options) {
    return MapCreator.shape(
        MapType.CGROUP_ARRAY, Integer.BYTES, Integer.BYTES, maxEntries, options);
  }

  /**
   * Puts a cgroup in, in place of one that may be there ({@code BPF_MAP_UPDATE_ELEM}).
   *
   * @param cgroup a directory in a cgroup2 file system
   * @throws NotCgroup2Exception if it is no such directory
   * @throws io.github.purebpf.bpf.error.KernelErrorException if the number is too high (E2BIG)
   */
  public void put(int index, Path cgroup) {
    try (var directory = OpenFile.cgroup(kernel(), cgroup)) {
      elements.put(index, directory.fd());
    }
  }

  /**
   * Takes a cgroup out ({@code BPF_MAP_DELETE_ELEM}).
   *
   * @return whether there was one
   */
  public boolean remove(int index) {
    return elements.remove(index);
  }
}
