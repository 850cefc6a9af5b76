package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapType;
import java.nio.file.Path;

/**
 * AF_XDP sockets by number, to which an XDP program redirects packets ({@code BPF_MAP_TYPE_XSKMAP},
 * Linux 4.18). The kernel does not tell which ones are in it.
 */
public final class XskMap extends KernelMap {
  private final Elements<Integer, Integer> elements;

  private XskMap(Kernel kernel, int fd, MapRef name, MapShape shape) {
    super(kernel, fd, name, shape);
    this.elements =
        new Elements<>(
            this,
            Codec.u32(),
            Codec.u32(),
            words ->
                words
                    .hint(Errno.EBADF, "the number is no open file descriptor of this process")
                    .hint(Errno.ENOTSOCK, "the file descriptor is no socket")
                    .hint(Errno.EOPNOTSUPP, "the socket is none of AF_XDP, or not bound yet"));
  }

  /**
   * Makes one without sockets.
   *
   * @param name the name by which programs refer to it
   * @param maxEntries how many sockets it can hold, numbered from 0
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_BPF and CAP_NET_ADMIN
   * @throws io.github.purebpf.bpf.error.UnsupportedKernelException before Linux 4.18
   */
  public static XskMap create(MapRef name, int maxEntries, MapOption... options) {
    return create(Kernel.running(), name, maxEntries, options);
  }

  static XskMap create(Kernel kernel, MapRef name, int maxEntries, MapOption... options) {
    var shape = shape(maxEntries, options);
    int fd = new MapCreator(kernel, name, shape).with(options).create();
    return new XskMap(kernel, fd, name, shape);
  }

  /**
   * Opens a pinned one ({@code BPF_OBJ_GET}, Linux 4.4).
   *
   * @throws IllegalArgumentException if what is pinned there is another map; the message says in
   *     what
   */
  public static XskMap openPinned(Path path, MapRef name, int maxEntries) {
    return openPinned(Kernel.running(), path, name, maxEntries);
  }

  static XskMap openPinned(Kernel kernel, Path path, MapRef name, int maxEntries) {
    var shape = shape(maxEntries);
    return openPinned(kernel, path, (k, fd) -> new XskMap(k, fd, name, shape));
  }

  private static MapShape shape(int maxEntries, MapOption... options) {
    return MapCreator.shape(MapType.XSKMAP, Integer.BYTES, Integer.BYTES, maxEntries, options);
  }

  /**
   * Puts a socket in, in place of one that may be there ({@code BPF_MAP_UPDATE_ELEM}).
   *
   * @param socket a file descriptor of this process, which stays the caller's
   * @throws io.github.purebpf.bpf.error.KernelErrorException if it is no socket (ENOTSOCK) or none
   *     of AF_XDP (EOPNOTSUPP), or the number is too high (E2BIG)
   */
  public void put(int index, int socket) {
    elements.put(index, socket);
  }

  /** Takes out the socket that may be there ({@code BPF_MAP_DELETE_ELEM}). */
  public void remove(int index) {
    var _ = elements.remove(index);
  }
}
