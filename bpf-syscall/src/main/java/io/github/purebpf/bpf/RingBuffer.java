package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapType;
import java.nio.file.Path;

/**
 * A ring of records that programs write on any CPU and one reader takes out in the order in which
 * they were reserved ({@code BPF_MAP_TYPE_RINGBUF}, Linux 5.8).
 *
 * <p>{@link io.github.purebpf.bpf.reader.RingBufferReader} reads it. A record takes its length and
 * eight bytes, rounded up to a multiple of eight.
 */
public final class RingBuffer extends KernelMap {
  private RingBuffer(Kernel kernel, int fd, MapRef name, MapShape shape) {
    super(kernel, fd, name, shape);
  }

  /**
   * Makes a ring buffer ({@code BPF_MAP_CREATE}).
   *
   * @param size bytes for records: a power of two, and at least a page, which has 4096 bytes on
   *     most machines and 65536 on some
   * @param options how it is made beyond that, such as {@link MapOption#token}
   * @throws IllegalArgumentException if the size is another
   * @throws MissingPrivilegeException without CAP_BPF
   * @throws UnsupportedKernelException before Linux 5.8
   * @throws KernelErrorException if there is not so much memory (ENOMEM)
   */
  public static RingBuffer create(MapRef name, int size, MapOption... options) {
    return create(Kernel.running(), name, size, options);
  }

  static RingBuffer create(Kernel kernel, MapRef name, int size, MapOption... options) {
    var shape = RingSize.shape(kernel, name, MapType.RINGBUF, size);
    return new RingBuffer(
        kernel, new MapCreator(kernel, name, shape).with(options).create(), name, shape);
  }

  /**
   * Opens a pinned ring buffer ({@code BPF_OBJ_GET}).
   *
   * @param name the name by which programs of this process refer to it
   * @param size what its size must be
   * @throws IllegalArgumentException if it is another kind of map, or of another size
   * @throws KernelErrorException if nothing is pinned there (ENOENT) or it may not be opened
   *     (EACCES, EPERM)
   */
  public static RingBuffer openPinned(Path path, MapRef name, int size) {
    return openPinned(Kernel.running(), path, name, size);
  }

  static RingBuffer openPinned(Kernel kernel, Path path, MapRef name, int size) {
    var shape = RingSize.shape(kernel, name, MapType.RINGBUF, size);
    return openPinned(kernel, path, (k, fd) -> new RingBuffer(k, fd, name, shape));
  }

  /** The bytes for records. */
  public int size() {
    return shape().maxEntries();
  }
}
