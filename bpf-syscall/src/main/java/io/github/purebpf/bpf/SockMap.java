package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapType;
import java.nio.file.Path;

/**
 * Sockets by number, to which a program redirects packets and data, and whose data programs
 * attached to this map see ({@code BPF_MAP_TYPE_SOCKMAP}, Linux 4.14).
 */
public final class SockMap extends SocketTable<Integer> {
  private SockMap(Kernel kernel, int fd, MapRef name, MapShape shape) {
    super(kernel, fd, name, shape, Codec.u32());
  }

  /**
   * Makes one without sockets. Values of eight bytes make the cookies readable (Linux 5.7).
   *
   * @param name the name by which programs refer to it
   * @param maxEntries how many sockets it can hold, numbered from 0
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_BPF and CAP_NET_ADMIN
   * @throws io.github.purebpf.bpf.error.UnsupportedKernelException before Linux 5.7
   */
  public static SockMap create(MapRef name, int maxEntries, MapOption... options) {
    return create(Kernel.running(), name, maxEntries, options);
  }

  static SockMap create(Kernel kernel, MapRef name, int maxEntries, MapOption... options) {
    var shape = shape(maxEntries, options);
    int fd = new MapCreator(kernel, name, shape).with(options).create();
    return new SockMap(kernel, fd, name, shape);
  }

  /**
   * Opens a pinned one ({@code BPF_OBJ_GET}, Linux 4.4).
   *
   * @throws IllegalArgumentException if what is pinned there is another map; the message says in
   *     what
   */
  public static SockMap openPinned(Path path, MapRef name, int maxEntries) {
    return openPinned(Kernel.running(), path, name, maxEntries);
  }

  static SockMap openPinned(Kernel kernel, Path path, MapRef name, int maxEntries) {
    var shape = shape(maxEntries);
    return openPinned(kernel, path, (k, fd) -> new SockMap(k, fd, name, shape));
  }

  private static MapShape shape(int maxEntries, MapOption... options) {
    return MapCreator.shape(MapType.SOCKMAP, Integer.BYTES, Long.BYTES, maxEntries, options);
  }
}
