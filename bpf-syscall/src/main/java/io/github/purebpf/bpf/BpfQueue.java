package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapType;
import java.nio.file.Path;

/**
 * A queue of values without keys: {@link #pop} takes out the value that is in it for the longest
 * time ({@code BPF_MAP_TYPE_QUEUE}, Linux 4.20).
 *
 * @param <V> the Java type of the values
 */
public final class BpfQueue<V> extends PushPopMap<V> {
  private BpfQueue(Kernel kernel, int fd, MapRef name, MapShape shape, Codec<V> value) {
    super(kernel, fd, name, shape, value);
  }

  /**
   * Makes one.
   *
   * @param name the name by which programs refer to it
   * @param maxEntries how many values it can hold
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_BPF
   * @throws io.github.purebpf.bpf.error.UnsupportedKernelException before Linux 4.20
   */
  public static <V> BpfQueue<V> create(
      MapRef name, Codec<V> value, int maxEntries, MapOption... options) {
    return create(Kernel.running(), name, value, maxEntries, options);
  }

  static <V> BpfQueue<V> create(
      Kernel kernel, MapRef name, Codec<V> value, int maxEntries, MapOption... options) {
    var shape = shape(value, maxEntries, options);
    int fd = new MapCreator(kernel, name, shape).with(options).create();
    return new BpfQueue<>(kernel, fd, name, shape, value);
  }

  /**
   * Opens a pinned one ({@code BPF_OBJ_GET}, Linux 4.4).
   *
   * @throws IllegalArgumentException if what is pinned there is another map; the message says in
   *     what
   */
  public static <V> BpfQueue<V> openPinned(Path path, MapRef name, Codec<V> value, int maxEntries) {
    return openPinned(Kernel.running(), path, name, value, maxEntries);
  }

  static <V> BpfQueue<V> openPinned(
      Kernel kernel, Path path, MapRef name, Codec<V> value, int maxEntries) {
    var shape = shape(value, maxEntries);
    return openPinned(kernel, path, (k, fd) -> new BpfQueue<>(k, fd, name, shape, value));
  }

  private static MapShape shape(Codec<?> value, int maxEntries, MapOption... options) {
    return MapCreator.shape(MapType.QUEUE, 0, value.size(), maxEntries, options);
  }
}
