package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapType;
import java.nio.file.Path;

/**
 * Network interfaces by a key of 32 bits, such as their own number, to which an XDP program
 * redirects packets ({@code BPF_MAP_TYPE_DEVMAP_HASH}, Linux 5.4; with programs for the packets on
 * their way, Linux 5.8).
 */
public final class DevMapHash extends DeviceTable {
  private DevMapHash(Kernel kernel, int fd, MapRef name, MapShape shape) {
    super(kernel, fd, name, shape);
  }

  /**
   * Makes an empty one.
   *
   * @param name the name by which programs refer to it
   * @param maxEntries how many interfaces it can hold
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_BPF and CAP_NET_ADMIN
   * @throws io.github.purebpf.bpf.error.UnsupportedKernelException before Linux 5.8
   */
  public static DevMapHash create(MapRef name, int maxEntries, MapOption... options) {
    return create(Kernel.running(), name, maxEntries, options);
  }

  static DevMapHash create(Kernel kernel, MapRef name, int maxEntries, MapOption... options) {
    var shape = shape(maxEntries, options);
    int fd = new MapCreator(kernel, name, shape).with(options).create();
    return new DevMapHash(kernel, fd, name, shape);
  }

  /**
   * Opens a pinned one ({@code BPF_OBJ_GET}, Linux 4.4).
   *
   * @throws IllegalArgumentException if what is pinned there is another map; the message says in
   *     what
   */
  public static DevMapHash openPinned(Path path, MapRef name, int maxEntries) {
    return openPinned(Kernel.running(), path, name, maxEntries);
  }

  static DevMapHash openPinned(Kernel kernel, Path path, MapRef name, int maxEntries) {
    var shape = shape(maxEntries);
    return openPinned(kernel, path, (k, fd) -> new DevMapHash(k, fd, name, shape));
  }

  private static MapShape shape(int maxEntries, MapOption... options) {
    return MapCreator.shape(
        MapType.DEVMAP_HASH, Integer.BYTES, Redirection.SIZE, maxEntries, options);
  }

  /**
   * Takes an interface out ({@code BPF_MAP_DELETE_ELEM}).
   *
   * @return whether there was one
   */
  public boolean remove(int key) {
    return elements.remove(key);
  }
}
