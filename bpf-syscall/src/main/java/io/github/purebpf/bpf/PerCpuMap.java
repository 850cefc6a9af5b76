package io.github.purebpf.bpf;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.KernelVersion;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A map in the kernel with a value for each CPU under each key, so that programs count without
 * getting into each other's way.
 *
 * <p>A value here is a list with one for each <em>possible</em> CPU, in the order of {@link #cpus}:
 * those of CPUs that are offline are among them. It is not read at one moment, and writing one
 * overwrites what programs have counted since it was read.
 *
 * @param <K> the Java type of the keys
 * @param <V> the Java type of the value of one CPU
 */
public final class PerCpuMap<K, V> extends KeyedMap<K, List<V>> {
  private static final KernelVersion ONE_CPU = new KernelVersion(7, 0);

  /** {@code BPF_F_CPU}; the number of the CPU is in the upper 32 bits of the flags. */
  private static final long F_CPU = 8;

  private final MapSpec<K, V> spec;
  private final PerCpuCodec<V> values;
  private final List<Integer> cpus;

  private PerCpuMap(
      Kernel kernel, int fd, MapSpec<K, V> spec, PerCpuCodec<V> values, List<Integer> cpus) {
    super(kernel, fd, spec.name(), spec.shape(), spec.key(), values);
    this.spec = spec;
    this.values = values;
    this.cpus = cpus;
  }

  /**
   * Makes a map ({@code BPF_MAP_CREATE}; hash tables and arrays with a value for each CPU since
   * Linux 4.6, with LRU since 4.10).
   *
   * @param options what is not in the spec: a token, a NUMA node, more flags
   * @throws IllegalArgumentException if its type does not hold a value for each CPU; see {@link
   *     BpfMap}
   * @throws MissingPrivilegeException without CAP_BPF
   * @throws UnsupportedKernelException if the kernel is older than the type of map
   * @throws KernelErrorException if it refuses the sizes or flags (EINVAL, E2BIG, ENOMEM)
   */
  public static <K, V> PerCpuMap<K, V> create(MapSpec<K, V> spec, MapOption... options) {
    return create(Kernel.running(), spec, options);
  }

  static <K, V> PerCpuMap<K, V> create(Kernel kernel, MapSpec<K, V> asked, MapOption... options) {
    var spec = asked.with(options);
    requirePerCpu(spec);
    var cpus = kernel.possibleCpus().numbers();
    var values = new PerCpuCodec<>(spec.value(), cpus.size());
    return new PerCpuMap<>(
        kernel, MapCreator.of(kernel, spec, options).create(), spec, values, cpus);
  }

  /**
   * Opens a pinned map ({@code BPF_OBJ_GET}, Linux 4.4).
   *
   * @param spec what the map must be: its type, its key and value sizes and its number of entries
   * @throws IllegalArgumentException if it is another; the message says in what
   * @throws KernelErrorException if nothing is pinned there (ENOENT) or it may not be opened
   *     (EACCES, EPERM)
   */
  public static <K, V> PerCpuMap<K, V> openPinned(Path path, MapSpec<K, V> spec) {
    return openPinned(Kernel.running(), path, spec);
  }

  static <K, V> PerCpuMap<K, V> openPinned(Kernel kernel, Path path, MapSpec<K, V> spec) {
    requirePerCpu(spec);
    var cpus = kernel.possibleCpus().numbers();
    var values = new PerCpuCodec<>(spec.value(), cpus.size());
    return openPinned(kernel, path, (k, fd) -> new PerCpuMap<>(k, fd, spec, values, cpus));
  }

  private static void requirePerCpu(MapSpec<?, ?> spec) {
    if (!spec.isPerCpu()) {
      throw new IllegalArgumentException(
          "map %s: %s holds one value for each key; take BpfMap, or a type with PERCPU"
              .formatted(spec.name(), spec.type().kernelName()));
    }
  }

  /** What it was made from, or opened as; its {@code value} is that of one CPU. */
  public MapSpec<K, V> spec() {
    return spec;
  }

  /** The numbers of the possible CPUs, ascending; there may be gaps. */
  public List<Integer> cpus() {
    return cpus;
  }

  /** Sets the value of all CPUs to the same; see {@link #put}. */
  public void putSame(K key, V value) {
    put(key, Collections.nCopies(cpus.size(), value));
  }

  /**
   * The sum of the values of all CPUs, 0 if there is no such key; allocates nothing.
   *
   * @throws IllegalStateException if the values are no single integers
   */
  public long sum(K key) {
    Objects.requireNonNull(key, "key");
    var integers = IntegerCodec.of(values.one(), this, "values");
    var block = take();
    try {
      write(keys(), key, block.key);
      long sum = 0;
      if (lookup(Cmd.MAP_LOOKUP_ELEM, block, 0)) {
        for (int i = 0; i < values.cpus(); i++) {
          sum += integers.readNumber(block.value, (long) i * values.stride());
        }
      }
      return sum;
    } finally {
      give(block);
    }
  }

  /**
   * The value of one CPU ({@code BPF_F_CPU}, Linux 7.0).
   *
   * @param cpu one of {@link #cpus}
   * @throws UnsupportedKernelException before Linux 7.0; {@link #get} has those of all
   */
  public Optional<V> getOn(int cpu, K key) {
    long flags = flags(cpu);
    Objects.requireNonNull(key, "key");
    var block = take();
    try {
      write(keys(), key, block.key);
      block.attr.u64(Attr.MapElem.FLAGS, flags);
      int result = call(Cmd.MAP_LOOKUP_ELEM, block.attr, Attr.MapElem.MAP_FD);
      if (result == -Errno.ENOENT) {
        return Optional.empty();
      }
      if (result < 0) {
        throw MapFailure.of(this, Cmd.MAP_LOOKUP_ELEM)
            .feature("BPF_F_CPU", ONE_CPU)
            .exception(result);
      }
      return Optional.of(spec.value().read(block.value.asSlice(0, spec.value().size())));
    } finally {
      give(block);
    }
  }

  /**
   * Sets the value of one CPU and leaves those of the others alone; under a new key they are zeros
   * ({@code BPF_F_CPU}, Linux 7.0).
   *
   * @param cpu one of {@link #cpus}
   * @throws UnsupportedKernelException before Linux 7.0; {@link #put} sets those of all
   */
  public void putOn(int cpu, K key, V value) {
    long flags = flags(cpu);
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    var block = take();
    try {
      write(keys(), key, block.key);
      write(spec.value(), value, block.value.asSlice(0, spec.value().size()));
      int result = tryUpdate(block, flags);
      if (result < 0) {
        throw MapFailure.of(this, Cmd.MAP_UPDATE_ELEM)
            .feature("BPF_F_CPU", ONE_CPU)
            .exception(result);
      }
    } finally {
      give(block);
    }
  }

  private long flags(int cpu) {
    if (!cpus.contains(cpu)) {
      throw new IllegalArgumentException(
          "CPU %d for %s; possible are %s".formatted(cpu, title(), cpus));
    }
    return (long) cpu << Integer.SIZE | F_CPU;
  }
}
