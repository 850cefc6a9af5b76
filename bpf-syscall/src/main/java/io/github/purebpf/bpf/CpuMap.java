package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapType;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * CPUs by number, to which an XDP program redirects packets: each gets a queue and a thread of the
 * kernel that takes them on through the network stack ({@code BPF_MAP_TYPE_CPUMAP}, Linux 4.15;
 * with programs, Linux 5.9).
 */
public final class CpuMap extends KernelMap {
  private static final int LARGEST_QUEUE = 16384;

  private final Elements<Integer, Redirection> elements;

  private CpuMap(Kernel kernel, int fd, MapRef name, MapShape shape) {
    super(kernel, fd, name, shape);
    this.elements = Redirection.elements(this, "this machine has no such CPU");
  }

  /**
   * Makes an empty one.
   *
   * @param name the name by which programs refer to it
   * @param maxEntries how many CPUs it is for, numbered from 0; not more than the kernel is built
   *     for
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_BPF
   * @throws io.github.purebpf.bpf.error.UnsupportedKernelException before Linux 5.9
   */
  public static CpuMap create(MapRef name, int maxEntries, MapOption... options) {
    return create(Kernel.running(), name, maxEntries, options);
  }

  static CpuMap create(Kernel kernel, MapRef name, int maxEntries, MapOption... options) {
    var shape = shape(maxEntries, options);
    int fd = new MapCreator(kernel, name, shape).with(options).create();
    return new CpuMap(kernel, fd, name, shape);
  }

  /**
   * Opens a pinned one ({@code BPF_OBJ_GET}, Linux 4.4).
   *
   * @throws IllegalArgumentException if what is pinned there is another map; the message says in
   *     what
   */
  public static CpuMap openPinned(Path path, MapRef name, int maxEntries) {
    return openPinned(Kernel.running(), path, name, maxEntries);
  }

  static CpuMap openPinned(Kernel kernel, Path path, MapRef name, int maxEntries) {
    var shape = shape(maxEntries);
    return openPinned(kernel, path, (k, fd) -> new CpuMap(k, fd, name, shape));
  }

  private static MapShape shape(int maxEntries, MapOption... options) {
    return MapCreator.shape(MapType.CPUMAP, Integer.BYTES, Redirection.SIZE, maxEntries, options);
  }

  /**
   * Gives a CPU a queue, in place of one it may have ({@code BPF_MAP_UPDATE_ELEM}).
   *
   * @param queueSize how many packets may wait, 1 to 16384
   * @throws io.github.purebpf.bpf.error.KernelErrorException if the machine has no such CPU
   *     (ENODEV), or the number is outside the map (E2BIG)
   */
  public void put(int cpu, int queueSize) {
    elements.put(cpu, new Redirection(requireSize(queueSize)));
  }

  /**
   * Gives a CPU a queue, with a program that sees each packet there first ({@code BPF_XDP_CPUMAP},
   * Linux 5.9).
   *
   * @throws io.github.purebpf.bpf.error.KernelErrorException if the machine has no such CPU
   *     (ENODEV), or the program is none of {@link io.github.purebpf.uapi.AttachType#XDP_CPUMAP}
   *     (ENOMEM)
   */
  public void put(int cpu, int queueSize, BpfProgram program) {
    Redirection.put(elements, cpu, requireSize(queueSize), program);
  }

  /** A size of 0 would remove the queue. */
  private static int requireSize(int queueSize) {
    if (queueSize < 1 || queueSize > LARGEST_QUEUE) {
      throw new IllegalArgumentException(
          "a queue of %d packets; the kernel takes 1 to %d".formatted(queueSize, LARGEST_QUEUE));
    }
    return queueSize;
  }

  /**
   * How many packets may wait for a CPU ({@code BPF_MAP_LOOKUP_ELEM}).
   *
   * @return empty if it has no queue
   */
  public OptionalInt queueSize(int cpu) {
    return Redirection.number(elements.get(cpu));
  }

  /**
   * The id of the program that sees the packets of a CPU first ({@code BPF_MAP_LOOKUP_ELEM}).
   *
   * @return empty if there is none
   */
  public OptionalInt programId(int cpu) {
    return Redirection.program(elements.get(cpu));
  }

  /** Takes its queue away from a CPU, if it has one ({@code BPF_MAP_DELETE_ELEM}). */
  public void remove(int cpu) {
    var _ = elements.remove(cpu);
  }
}
