package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapType;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * Sockets by number, to which a program redirects packets and data, and whose data programs
 * attached to this map see ({@code BPF_MAP_TYPE_SOCKMAP}, Linux 4.14).
 *
 * <p>The sockets are named by file descriptors of this process. The JDK does not tell those of its
 * own channels; they come from a native library, from {@code SCM_RIGHTS}, or from a BPF program
 * that puts sockets in by itself ({@code bpf_sock_map_update}, {@code bpf_sock_hash_update}).
 */
public final class SockMap extends KernelMap {
  private final Elements<Integer, Long> elements;

  private SockMap(Kernel kernel, int fd, MapRef name, MapShape shape) {
    super(kernel, fd, name, shape);
    this.elements =
        new Elements<>(
            this,
            Codec.u32(),
            Codec.s64(),
            words ->
                words
                    .hint(Errno.EBADF, "the number is no open file descriptor of this process")
                    .hint(Errno.ENOTSOCK, "the file descriptor is no socket")
                    .hint(
                        Errno.EOPNOTSUPP,
                        "only TCP sockets that are connected or listen, UDP and Unix sockets go in"));
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

  /**
   * Puts a socket in, in place of one that may be there ({@code BPF_MAP_UPDATE_ELEM}).
   *
   * @param socket a file descriptor of this process, which stays the caller's
   * @throws io.github.purebpf.bpf.error.KernelErrorException if it is no socket (ENOTSOCK), of
   *     another sort (EOPNOTSUPP), or the map is full (E2BIG)
   */
  public void put(int index, int socket) {
    elements.put(index, (long) socket);
  }

  /**
   * The cookie of a socket, by which the kernel tells sockets apart ({@code BPF_MAP_LOOKUP_ELEM},
   * Linux 5.7).
   *
   * @return empty if there is none
   */
  public OptionalLong cookie(int index) {
    return elements.get(index).map(OptionalLong::of).orElseGet(OptionalLong::empty);
  }

  /**
   * Takes a socket out ({@code BPF_MAP_DELETE_ELEM}).
   *
   * @return whether there was one
   */
  public boolean remove(int index) {
    return elements.remove(index);
  }
}
