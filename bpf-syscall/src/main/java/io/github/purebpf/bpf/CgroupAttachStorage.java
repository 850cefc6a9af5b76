package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.MapType;
import io.github.purebpf.uapi.UpdateFlags;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A value for each attachment of a program to a cgroup, which the program finds with {@code
 * bpf_get_local_storage} ({@code BPF_MAP_TYPE_CGROUP_STORAGE}, Linux 4.19, and {@code
 * BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE}, Linux 4.20). The kernel calls both deprecated: {@link
 * CgroupStorage} is a value for each cgroup, for programs of any type.
 *
 * <p>Attaching a program that uses the map makes the value, of zeros, and the end of the cgroup
 * frees it; from here values are read and changed, not made or removed. A map belongs to one
 * program, or to several from Linux 5.9 on.
 *
 * @param <V> the Java type of the values
 */
public final class CgroupAttachStorage<V> extends KernelMap {
  /**
   * What a value belongs to, {@code struct bpf_cgroup_storage_key}.
   *
   * @param cgroupId the number of the cgroup: that of its directory as an inode
   * @param attachType the hook
   */
  public record Key(long cgroupId, AttachType attachType) {
    /** Refuses null. */
    public Key {
      Objects.requireNonNull(attachType, "attachType");
    }

    /**
     * That of a cgroup by its directory.
     *
     * @throws NotCgroup2Exception if it is not in a cgroup2 file system
     */
    public static Key of(Path cgroup, AttachType attachType) {
      try {
        var directory = Cgroup2.require(cgroup).path();
        return new Key((long) Files.getAttribute(directory, "unix:ino"), attachType);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static final Codec<Key> KEYS =
      new Codec<>() {
        @Override
        public int size() {
          return 2 * Long.BYTES;
        }

        @Override
        public void write(Key key, MemorySegment to) {
          to.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, key.cgroupId());
          to.set(ValueLayout.JAVA_INT_UNALIGNED, Long.BYTES, key.attachType().value());
        }

        @Override
        public Key read(MemorySegment from) {
          int type = from.get(ValueLayout.JAVA_INT_UNALIGNED, Long.BYTES);
          return new Key(
              from.get(ValueLayout.JAVA_LONG_UNALIGNED, 0),
              AttachType.byValue(type)
                  .orElseThrow(() -> new IllegalStateException("attach type " + type)));
        }
      };

  private final Elements<Key, V> elements;

  private CgroupAttachStorage(Kernel kernel, int fd, MapRef name, MapShape shape, Codec<V> value) {
    super(kernel, fd, name, shape);
    this.elements = new Elements<>(this, KEYS, value, words -> words);
  }

  /**
   * Makes one with a value for each attachment.
   *
   * @param name the name by which programs refer to it
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_BPF
   * @throws io.github.purebpf.bpf.error.UnsupportedKernelException before Linux 4.19
   */
  public static <V> CgroupAttachStorage<V> create(
      MapRef name, Codec<V> value, MapOption... options) {
    return create(Kernel.running(), name, value, options);
  }

  static <V> CgroupAttachStorage<V> create(
      Kernel kernel, MapRef name, Codec<V> value, MapOption... options) {
    return create(kernel, name, shape(MapType.CGROUP_STORAGE, value, options), value, options);
  }

  /**
   * Makes one with a value for each attachment and each possible CPU.
   *
   * @param name the name by which programs refer to it
   * @param value that of one CPU
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_BPF
   * @throws io.github.purebpf.bpf.error.UnsupportedKernelException before Linux 4.20
   */
  public static <V> CgroupAttachStorage<List<V>> createPerCpu(
      MapRef name, Codec<V> value, MapOption... options) {
    return createPerCpu(Kernel.running(), name, value, options);
  }

  static <V> CgroupAttachStorage<List<V>> createPerCpu(
      Kernel kernel, MapRef name, Codec<V> value, MapOption... options) {
    var shape = shape(MapType.PERCPU_CGROUP_STORAGE, value, options);
    return create(kernel, name, shape, perCpu(kernel, value), options);
  }

  private static <V> CgroupAttachStorage<V> create(
      Kernel kernel, MapRef name, MapShape shape, Codec<V> value, MapOption... options) {
    int fd = new MapCreator(kernel, name, shape).with(options).create();
    return new CgroupAttachStorage<>(kernel, fd, name, shape, value);
  }

  /**
   * Opens a pinned one ({@code BPF_OBJ_GET}, Linux 4.4).
   *
   * @throws IllegalArgumentException if what is pinned there is another map; the message says in
   *     what
   */
  public static <V> CgroupAttachStorage<V> openPinned(Path path, MapRef name, Codec<V> value) {
    return openPinned(Kernel.running(), path, name, value);
  }

  static <V> CgroupAttachStorage<V> openPinned(
      Kernel kernel, Path path, MapRef name, Codec<V> value) {
    var shape = shape(MapType.CGROUP_STORAGE, value);
    return openPinned(
        kernel, path, (k, fd) -> new CgroupAttachStorage<>(k, fd, name, shape, value));
  }

  /**
   * Opens a pinned one with values for each CPU ({@code BPF_OBJ_GET}, Linux 4.4).
   *
   * @throws IllegalArgumentException if what is pinned there is another map; the message says in
   *     what
   */
  public static <V> CgroupAttachStorage<List<V>> openPinnedPerCpu(
      Path path, MapRef name, Codec<V> value) {
    return openPinnedPerCpu(Kernel.running(), path, name, value);
  }

  static <V> CgroupAttachStorage<List<V>> openPinnedPerCpu(
      Kernel kernel, Path path, MapRef name, Codec<V> value) {
    var shape = shape(MapType.PERCPU_CGROUP_STORAGE, value);
    var values = perCpu(kernel, value);
    return openPinned(
        kernel, path, (k, fd) -> new CgroupAttachStorage<>(k, fd, name, shape, values));
  }

  private static <V> Codec<List<V>> perCpu(Kernel kernel, Codec<V> one) {
    return new PerCpuCodec<>(one, kernel.possibleCpus().size());
  }

  private static MapShape shape(MapType type, Codec<?> value, MapOption... options) {
    return MapCreator.shape(type, KEYS.size(), value.size(), 0, options);
  }

  /** The value of an attachment ({@code BPF_MAP_LOOKUP_ELEM}); empty if there was none. */
  public Optional<V> get(Key key) {
    return elements.get(Objects.requireNonNull(key, "key"));
  }

  /**
   * Changes the value of an attachment ({@code BPF_MAP_UPDATE_ELEM}).
   *
   * @return whether there is one; values are made by attaching alone
   */
  public boolean replace(Key key, V value) {
    Objects.requireNonNull(key, "key");
    return elements.update(key, value, UpdateFlags.ANY, Errno.ENOENT) >= 0;
  }

  /**
   * What has values ({@code BPF_MAP_GET_NEXT_KEY}); cgroups that come or go meanwhile may be in it
   * or not.
   */
  public Set<Key> keys() {
    var keys = new LinkedHashSet<Key>();
    // One that vanishes meanwhile has no successor: the kernel ends the walk.
    for (var key = elements.next(null);
        key.isPresent() && keys.add(key.get());
        key = elements.next(key.get())) {}
    return keys;
  }
}
