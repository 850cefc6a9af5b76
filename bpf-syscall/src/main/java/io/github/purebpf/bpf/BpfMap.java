package io.github.purebpf.bpf;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.sys.Kernel;
import java.nio.file.Path;

/**
 * A map in the kernel with one value for each key.
 *
 * @param <K> the Java type of the keys
 * @param <V> the Java type of the values
 */
public final class BpfMap<K, V> extends KeyedMap<K, V> {
  private final MapSpec<K, V> spec;

  private BpfMap(Kernel kernel, int fd, MapSpec<K, V> spec) {
    super(kernel, fd, spec.name(), spec.shape(), spec.key(), spec.value());
    this.spec = spec;
  }

  /**
   * Makes a map ({@code BPF_MAP_CREATE}, Linux 3.18; named since 4.15).
   *
   * <p>Where the kernel takes them for this type of map (Linux 4.18), the C types that the codecs
   * tell go with it, so that {@code bpftool map dump} prints the fields of keys and values.
   *
   * @param options what is not in the spec: a token, a NUMA node, more flags
   * @throws IllegalArgumentException if it is to hold a value for each CPU; see {@link PerCpuMap}
   * @throws MissingPrivilegeException without CAP_BPF
   * @throws UnsupportedKernelException if the kernel is older than the type of map
   * @throws KernelErrorException if it refuses the sizes or flags (EINVAL, E2BIG, ENOMEM)
   */
  public static <K, V> BpfMap<K, V> create(MapSpec<K, V> spec, MapOption... options) {
    return create(Kernel.running(), spec, options);
  }

  static <K, V> BpfMap<K, V> create(Kernel kernel, MapSpec<K, V> asked, MapOption... options) {
    var spec = asked.with(options);
    requireOneValue(spec);
    int fd = MapCreator.of(kernel, spec, options).create();
    return new BpfMap<>(kernel, fd, spec);
  }

  /**
   * Opens a pinned map ({@code BPF_OBJ_GET}, Linux 4.4).
   *
   * @param spec what the map must be: its type, its key and value sizes and its number of entries
   * @throws IllegalArgumentException if it is another; the message says in what
   * @throws KernelErrorException if nothing is pinned there (ENOENT) or it may not be opened
   *     (EACCES, EPERM)
   */
  public static <K, V> BpfMap<K, V> openPinned(Path path, MapSpec<K, V> spec) {
    return openPinned(Kernel.running(), path, spec);
  }

  static <K, V> BpfMap<K, V> openPinned(Kernel kernel, Path path, MapSpec<K, V> spec) {
    requireOneValue(spec);
    return openPinned(kernel, path, (k, fd) -> new BpfMap<>(k, fd, spec));
  }

  /** The kernel would write the values of all CPUs to the room for one. */
  private static void requireOneValue(MapSpec<?, ?> spec) {
    if (spec.isPerCpu()) {
      throw new IllegalArgumentException(
          "map %s: %s holds a value for each CPU; take PerCpuMap, or the type without PERCPU"
              .formatted(spec.name(), spec.type().kernelName()));
    }
  }

  /**
   * Opens a map by its id, whoever made it ({@code BPF_MAP_GET_FD_BY_ID}, Linux 4.13).
   *
   * @param spec what the map must be: its type, its key and value sizes and its number of entries
   * @throws IllegalArgumentException if it is another; the message says in what
   * @throws KernelErrorException if there is none (ENOENT)
   * @throws MissingPrivilegeException without CAP_SYS_ADMIN
   */
  public static <K, V> BpfMap<K, V> openById(int id, MapSpec<K, V> spec) {
    return openById(Kernel.running(), id, spec);
  }

  static <K, V> BpfMap<K, V> openById(Kernel kernel, int id, MapSpec<K, V> spec) {
    requireOneValue(spec);
    return openId(kernel, id, (k, fd) -> new BpfMap<>(k, fd, spec));
  }

  /**
   * Maps the values of an array into the memory of this process, so that reading and writing them
   * is no system call ({@code mmap(2)}, Linux 5.5).
   *
   * <p>It can be written unless the kernel forbids it; {@link MappedArray#isWritable} says so. As
   * long as it can, {@link #freeze} is refused (EBUSY).
   *
   * @return memory to be closed, which may outlive this object
   * @throws IllegalStateException if it is no {@code BPF_MAP_TYPE_ARRAY}
   * @throws KernelErrorException if it was not made {@linkplain MapSpec#mappable mappable}, or with
   *     {@code BPF_F_RDONLY} (EINVAL), or its values hold a lock (ENOTSUPP)
   */
  public MappedArray<V> mapMemory() {
    return MappedArray.of(this, true);
  }

  /**
   * The same of some values, as what is mapped counts as memory of this process.
   *
   * @param first the first of them, which becomes number 0; it must lie at the begin of a page
   * @param count how many
   * @return memory to be closed, which may outlive this object
   * @throws IndexOutOfBoundsException if there are not so many
   * @throws IllegalStateException as above
   * @throws KernelErrorException as above, and if a page begins elsewhere (EINVAL)
   */
  public MappedArray<V> mapMemory(int first, int count) {
    return MappedArray.of(this, first, count, true);
  }

  /**
   * The same for reading alone, so that {@link #freeze} remains possible.
   *
   * @return memory to be closed, which may outlive this object
   */
  public MappedArray<V> mapMemoryReadOnly() {
    return MappedArray.of(this, false);
  }

  /** What it was made from, or opened as. */
  public MapSpec<K, V> spec() {
    return spec;
  }
}
