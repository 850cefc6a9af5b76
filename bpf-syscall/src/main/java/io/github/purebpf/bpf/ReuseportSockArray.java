package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapType;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * Sockets that share a port, by number: a program chooses the one that gets a packet or a
 * connection ({@code bpf_sk_select_reuseport}; {@code BPF_MAP_TYPE_REUSEPORT_SOCKARRAY}, Linux
 * 4.19).
 *
 * <p>A socket is in one such array at most, and leaves it when it is closed. It is named by a file
 * descriptor of this process.
 */
public final class ReuseportSockArray extends KernelMap {
  private final Elements<Integer, Long> elements;

  private ReuseportSockArray(Kernel kernel, int fd, MapRef name, MapShape shape) {
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
                    .hint(Errno.EBUSY, "the socket is in such an array already")
                    .hint(
                        Errno.EINVAL,
                        "it is bound without SO_REUSEPORT, or not bound, or does not listen"));
  }

  /**
   * Makes one without sockets.
   *
   * @param name the name by which programs refer to it
   * @param maxEntries how many sockets it can hold, numbered from 0
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_BPF
   * @throws io.github.purebpf.bpf.error.UnsupportedKernelException before Linux 4.19
   */
  public static ReuseportSockArray create(MapRef name, int maxEntries, MapOption... options) {
    return create(Kernel.running(), name, maxEntries, options);
  }

  static ReuseportSockArray create(
      Kernel kernel, MapRef name, int maxEntries, MapOption... options) {
    var shape = shape(maxEntries, options);
    int fd = new MapCreator(kernel, name, shape).with(options).create();
    return new ReuseportSockArray(kernel, fd, name, shape);
  }

  /**
   * Opens a pinned one ({@code BPF_OBJ_GET}, Linux 4.4).
   *
   * @throws IllegalArgumentException if what is pinned there is another map; the message says in
   *     what
   */
  public static ReuseportSockArray openPinned(Path path, MapRef name, int maxEntries) {
    return openPinned(Kernel.running(), path, name, maxEntries);
  }

  static ReuseportSockArray openPinned(Kernel kernel, Path path, MapRef name, int maxEntries) {
    var shape = shape(maxEntries);
    return openPinned(kernel, path, (k, fd) -> new ReuseportSockArray(k, fd, name, shape));
  }

  private static MapShape shape(int maxEntries, MapOption... options) {
    return MapCreator.shape(
        MapType.REUSEPORT_SOCKARRAY, Integer.BYTES, Long.BYTES, maxEntries, options);
  }

  /**
   * Puts a socket in, in place of one that may be there ({@code BPF_MAP_UPDATE_ELEM}).
   *
   * @param socket a file descriptor of this process, which stays the caller's
   * @throws io.github.purebpf.bpf.error.KernelErrorException if it is no socket (ENOTSOCK), none
   *     that shares a port (EINVAL), or in an array already (EBUSY)
   */
  public void put(int index, int socket) {
    elements.put(index, (long) socket);
  }

  /**
   * The cookie of a socket, by which the kernel tells sockets apart ({@code BPF_MAP_LOOKUP_ELEM},
   * Linux 4.19).
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
