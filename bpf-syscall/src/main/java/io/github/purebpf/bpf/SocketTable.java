package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * Sockets by key, to which a program redirects packets and data, and whose data programs attached
 * to this map see.
 *
 * <p>The sockets are named by file descriptors of this process. The JDK does not tell those of its
 * own channels; they come from a native library, from {@code SCM_RIGHTS}, or from a BPF program
 * that puts sockets in by itself ({@code bpf_sock_map_update}, {@code bpf_sock_hash_update}).
 *
 * @param <K> the Java type of the keys
 */
public abstract sealed class SocketTable<K> extends KernelMap permits SockMap, SockHash {
  private final Elements<K, Long> elements;

  SocketTable(Kernel kernel, int fd, MapRef name, MapShape shape, Codec<K> key) {
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
   * Puts a socket in, in place of one that may be there ({@code BPF_MAP_UPDATE_ELEM}).
   *
   * @param socket a file descriptor of this process, which stays the caller's
   * @throws io.github.purebpf.bpf.error.KernelErrorException if it is no socket (ENOTSOCK), of
   *     another sort (EOPNOTSUPP), or the map is full (E2BIG)
   */
  public final void put(K key, int socket) {
    elements.put(Objects.requireNonNull(key, "key"), (long) socket);
  }

  /**
   * The cookie of a socket, by which the kernel tells sockets apart ({@code BPF_MAP_LOOKUP_ELEM},
   * Linux 5.7).
   *
   * @return empty if there is none
   */
  public final OptionalLong cookie(K key) {
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
  public final boolean remove(K key) {
    return elements.remove(Objects.requireNonNull(key, "key"));
  }
}
