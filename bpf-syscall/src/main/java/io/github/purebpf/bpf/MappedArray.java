package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Mapping;
import io.github.purebpf.uapi.MapFlags;
import io.github.purebpf.uapi.MapType;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The values of an array as memory of this process, which programs read and write at the same time:
 * an access is no system call. {@link BpfMap#mapMemory} makes one.
 *
 * <p>Value {@code i} begins at {@code i * }{@link #stride}, a multiple of 8. {@link #get} and
 * {@link #set} are plain accesses, of which the other side may see a part; where that matters, use
 * {@link #memory} with an atomic mode of a {@link java.lang.invoke.VarHandle}.
 *
 * <p>It may be used from any thread until it is closed, also after the map is closed. Whoever reads
 * or writes later gets an {@link IllegalStateException}.
 *
 * @param <V> the Java type of the values
 */
public final class MappedArray<V> implements AutoCloseable {
  private final String title;
  private final Codec<V> codec;
  private final int size;
  private final long stride;
  private final boolean writable;
  private final Mapping mapping;
  private final MemorySegment memory;
  private final AtomicBoolean closed = new AtomicBoolean();

  private MappedArray(BpfMap<?, V> map, int size, long stride, Mapping mapping, boolean writable) {
    this.title = "the memory of " + map.title();
    this.codec = map.values();
    this.size = size;
    this.stride = stride;
    this.writable = writable;
    this.mapping = mapping;
    this.memory = writable ? mapping.memory() : mapping.memory().asReadOnly();
  }

  /** Maps all of an array. */
  static <V> MappedArray<V> of(BpfMap<?, V> map, boolean writable) {
    return of(map, 0, map.shape().maxEntries(), writable);
  }

  /**
   * Maps some values of an array.
   *
   * @param first the first of them, which must be at the begin of a page
   * @param writable whether for writing as well, if the kernel lets us
   */
  static <V> MappedArray<V> of(BpfMap<?, V> map, int first, int count, boolean writable) {
    Objects.checkFromIndexSize(first, count, map.shape().maxEntries());
    if (map.shape().type() != MapType.ARRAY) {
      throw new IllegalStateException(
          "%s is %s; only BPF_MAP_TYPE_ARRAY can be mapped into memory"
              .formatted(map.title(), map.shape().type().kernelName()));
    }
    var kernel = map.kernel();
    long stride = (map.values().size() + Long.BYTES - 1L) & -Long.BYTES;
    long offset = first * stride;
    long length = count * stride;
    boolean forWriting = writable;
    long address = map(map, offset, length, forWriting);
    if (forWriting && (address == -Errno.EPERM || address == -Errno.EACCES)) {
      // It is frozen, or programs may only read it.
      forWriting = false;
      address = map(map, offset, length, false);
    }
    if (address < 0) {
      throw Failure.of(kernel, "mmap", map.title())
          .feature("BPF_F_MMAPABLE", MapCreator.MAPPABLE)
          .hint(
              Errno.EINVAL,
              (map.shape().flags() & MapFlags.RDONLY) == 0
                  ? "it was made without BPF_F_MMAPABLE; see MapSpec.mappable()"
                  : "the kernel maps no map that this process may only read; freeze it instead of"
                      + " BPF_F_RDONLY")
          .hint(Errno.ENOTSUPP, "its values hold a lock or the like, which memory would expose")
          .hint(Errno.EACCES, "its flags or its pin do not let this process read it")
          .exception((int) address);
    }
    return new MappedArray<>(map, count, stride, new Mapping(kernel, address, length), forWriting);
  }

  private static long map(BpfMap<?, ?> map, long offset, long length, boolean writable) {
    return map.withFd(fd -> map.kernel().map(fd, offset, length, writable));
  }

  /** How many values there are. */
  public int size() {
    return size;
  }

  /** Bytes from one value to the next: their size, rounded up to a multiple of 8. */
  public long stride() {
    return stride;
  }

  /**
   * Whether {@link #set} is allowed: not if the map was frozen before it was mapped, or made with
   * {@code BPF_F_RDONLY_PROG}, or if it was mapped to be read alone.
   */
  public boolean isWritable() {
    return writable;
  }

  /** All values, read-only if {@link #isWritable} says no. */
  public MemorySegment memory() {
    return memory;
  }

  /**
   * The bytes of one value, without padding.
   *
   * @throws IndexOutOfBoundsException if there is none of that number
   */
  public MemorySegment valueMemory(int index) {
    return memory.asSlice(Objects.checkIndex(index, size) * stride, codec.size());
  }

  /**
   * Reads one value.
   *
   * @throws IndexOutOfBoundsException if there is none of that number
   */
  public V get(int index) {
    return codec.read(valueMemory(index));
  }

  /**
   * Writes one value.
   *
   * @throws IndexOutOfBoundsException if there is none of that number
   * @throws UnsupportedOperationException if it is not {@linkplain #isWritable writable}
   */
  public void set(int index, V value) {
    Objects.requireNonNull(value, "value");
    var to = valueMemory(index);
    if (!writable) {
      throw new UnsupportedOperationException(title + " is mapped for reading alone");
    }
    codec.write(value, to);
  }

  /**
   * Unmaps it; from the second time on it does nothing.
   *
   * @throws IllegalStateException if a native call has its memory
   */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      try {
        mapping.close();
      } catch (IllegalStateException e) {
        closed.set(false);
        throw e;
      }
    }
  }

  /** The map. */
  @Override
  public String toString() {
    return title;
  }
}
