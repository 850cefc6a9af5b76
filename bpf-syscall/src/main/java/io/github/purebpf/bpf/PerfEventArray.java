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
 * A perf event for each CPU, through which programs hand records to a reader with {@code
 * bpf_perf_event_output} ({@code BPF_MAP_TYPE_PERF_EVENT_ARRAY}, Linux 4.3). From Linux 5.8 on, a
 * {@link RingBuffer} keeps the order over all CPUs and takes less memory.
 *
 * <p>The array is empty until a {@link io.github.purebpf.bpf.reader.PerfEventReader} opens it.
 */
public final class PerfEventArray extends KernelMap {
  private PerfEventArray(Kernel kernel, int fd, MapRef name, MapShape shape) {
    super(kernel, fd, name, shape);
  }

  /**
   * Makes an array with a place for every CPU that this machine can ever have ({@code
   * BPF_MAP_CREATE}).
   *
   * @param options how it is made beyond that, such as {@link MapOption#token}
   * @throws MissingPrivilegeException without CAP_BPF
   * @throws UnsupportedKernelException before Linux 4.3
   */
  public static PerfEventArray create(MapRef name, MapOption... options) {
    return create(Kernel.running(), name, options);
  }

  static PerfEventArray create(Kernel kernel, MapRef name, MapOption... options) {
    var shape = shape(kernel);
    return new PerfEventArray(
        kernel, new MapCreator(kernel, name, shape).with(options).create(), name, shape);
  }

  /**
   * Opens a pinned array ({@code BPF_OBJ_GET}).
   *
   * @param name the name by which programs of this process refer to it
   * @throws IllegalArgumentException if it is another kind of map, or has another number of places
   * @throws KernelErrorException if nothing is pinned there (ENOENT) or it may not be opened
   *     (EACCES, EPERM)
   */
  public static PerfEventArray openPinned(Path path, MapRef name) {
    return openPinned(Kernel.running(), path, name);
  }

  static PerfEventArray openPinned(Kernel kernel, Path path, MapRef name) {
    var shape = shape(kernel);
    return openPinned(kernel, path, (k, fd) -> new PerfEventArray(k, fd, name, shape));
  }

  /** Programs find their place by the number of the CPU, and there may be gaps. */
  private static MapShape shape(Kernel kernel) {
    int highest = kernel.possibleCpus().numbers().getLast();
    return MapShape.of(MapType.PERF_EVENT_ARRAY, Integer.BYTES, Integer.BYTES, highest + 1);
  }
}
