package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapType;
import java.nio.file.Path;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * Sockets by key, to which a program redirects packets and data, and whose data programs attached
 * to this map see ({@code BPF_MAP_TYPE_SOCKHASH}, Linux 4.18).
 *
 * <p>The sockets are named by file descriptors of this process. The JDK does not tell those of its
 * own channels; they come from a native library, from {@code SCM_RIGHTS}, or from a BPF program
 * that puts sockets in by itself ({@code bpf_sock_map_update}, {@code bpf_sock_hash_update}).
 *
 * @param <K> the Java type of the keys
 */
public final class SockHash<K> extends KernelMap {
  private final Elements<K, Long> elements;

  private SockHash(Kernel kernel, int fd, MapRef name, MapShape shape, Codec<K> key) {
    super(kernel, fd, name, shape);
    this.elements =
        new Elements<>(
            this,
            key,
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
   * @param maxEntries how many sockets it can hold
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_BPF and CAP_NET_ADMIN
   * @throws io.github.purebpf.bpf.error.UnsupportedKernelException before Linux 5.7
   */
  public static <K> SockHash<K> create(
      MapRef name, Codec<K> key, int maxEntries, MapOption... options) {
    return create(Kernel.running(), name, key, maxEntries, options);
  }

  static <K> SockHash<K> create(
      Kernel kernel, MapRef name, Codec<K> key, int maxEntries, MapOption... options) {
    var shape = shape(key, maxEntries, options);
    int fd = new MapCreator(kernel, name, shape).with(options).create();
    return new SockHash<>(kernel, fd, name, shape, key);
  }

  /**
   * Opens a pinned one ({@code BPF_OBJ_GET}, Linux 4.4).
   *
   * @throws IllegalArgumentException if what is pinned there is another map; the message says in
   *     what
   */
  public static <K> SockHash<K> openPinned(Path path, MapRef name, Codec<K> key, int maxEntries) {
    return openPinned(Kernel.running(), path, name, key, maxEntries);
  }

  static <K> SockHash<K> openPinned(
      Kernel kernel, Path path, MapRef name, Codec<K> key, int maxEntries) {
    var shape = shape(key, maxEntries);
    return openPinned(kernel, path, (k, fd) -> new SockHash<>(k, fd, name, shape, key));
  }

  private static MapShape shape(Codec<?> key, int maxEntries, MapOption... options) {
    return MapCreator.shape(MapType.SOCKHASH, key.size(), Long.BYTES, maxEntries, options);
  }

  /**
   * Puts a socket in, in place of one that may be there ({@code BPF_MAP_UPDATE_ELEM}).
   *
   * @param socket a file descriptor of this process, which stays the caller's
   * @throws io.github.purebpf.bpf.error.KernelErrorException if it is no socket (ENOTSOCK), of
   *     another sort (EOPNOTSUPP), or the map is full (E2BIG)
   */
  public void put(K key, int socket) {
    elements.put(Objects.requireNonNull(key, "key"), (long) socket);
  }

  /**
   * The cookie of a socket, by which the kernel tells sockets apart ({@code BPF_MAP_LOOKUP_ELEM},
   * Linux 5.7).
   *
   * @return empty if there is none
   */
  public OptionalLong cookie(K key) {
    return elements
        .get(Objects.requireNonNull(key, "key"))
        .map(OptionalLong::of)
        .orElseGet(OptionalLong::empty);
  }

  /**
   * Takes a socket out ({@code BPF_MAP_DELETE_ELEM}).
   *
   * @return whether there was one
   */
  public boolean remove(K key) {
    return elements.remove(Objects.requireNonNull(key, "key"));
  }
}
