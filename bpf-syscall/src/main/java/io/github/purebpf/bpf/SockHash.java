package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapType;
import java.nio.file.Path;

/**
 * Sockets by key, to which a program redirects packets and data, and whose data programs attached
 * to this map see ({@code BPF_MAP_TYPE_SOCKHASH}, Linux 4.18).
 *
 * @param <K> the Java type of the keys
 */
public final class SockHash<K> extends SocketTable<K> {
  private SockHash(Kernel kernel, int fd, MapRef name, MapShape shape, Codec<K> key) {
    super(kernel, fd, name, shape, key);
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
}
