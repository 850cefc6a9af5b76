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
 * A ring of records that this process writes and programs take out with {@code
 * bpf_user_ringbuf_drain} ({@code BPF_MAP_TYPE_USER_RINGBUF}, Linux 6.1).
 *
 * <p>{@link io.github.purebpf.bpf.reader.UserRingBufferWriter} writes it. A record takes its length
 * and eight bytes, rounded up to a multiple of eight.
 */
public final class UserRingBuffer extends KernelMap {
  private UserRingBuffer(Kernel kernel, int fd, MapRef name, MapShape shape) {
    super(kernel, fd, name, shape);
  }

  /**
   * Makes a user ring buffer ({@code BPF_MAP_CREATE}).
   *
   * @param size bytes for records: a power of two, and at least a page, which has 4096 bytes on
   *     most machines and 65536 on some
   * @param options how it is made beyond that, such as {@link MapOption#token}
   * @throws IllegalArgumentException if the size is another
   * @throws MissingPrivilegeException without CAP_BPF
   * @throws UnsupportedKernelException before Linux 6.1
   * @throws KernelErrorException if there is not so much memory (ENOMEM)
   */
  public static UserRingBuffer create(MapRef name, int size, MapOption... options) {
    return create(Kernel.running(), name, size, options);
  }

  static UserRingBuffer create(Kernel kernel, MapRef name, int size, MapOption... options) {
    var shape = RingSize.shape(kernel, name, MapType.USER_RINGBUF, size);
    return new UserRingBuffer(
        kernel, new MapCreator(kernel, name, shape).with(options).create(), name, shape);
  }

  /**
   * Opens a pinned user ring buffer ({@code BPF_OBJ_GET}).
   *
   * @param name the name by which programs of this process refer to it
   * @param size what its size must be
   * @throws IllegalArgumentException if it is another kind of map, or of another size
   * @throws KernelErrorException if nothing is pinned there (ENOENT) or it may not be opened
   *     (EACCES, EPERM)
   */
  public static UserRingBuffer openPinned(Path path, MapRef name, int size) {
    return openPinned(Kernel.running(), path, name, size);
  }

  static UserRingBuffer openPinned(Kernel kernel, Path path, MapRef name, int size) {
    var shape = RingSize.shape(kernel, name, MapType.USER_RINGBUF, size);
    return openPinned(kernel, path, (k, fd) -> new UserRingBuffer(k, fd, name, shape));
  }

  /** The bytes for records. */
  public int size() {
    return shape().maxEntries();
  }
}
