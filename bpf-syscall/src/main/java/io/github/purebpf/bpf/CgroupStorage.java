package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapFlags;
import io.github.purebpf.uapi.MapType;
import java.nio.file.Path;

/**
 * A value for each cgroup, which is named by its directory in a cgroup2 file system ({@code
 * BPF_MAP_TYPE_CGRP_STORAGE}, Linux 6.2).
 *
 * <p>The kernel keeps the value with the cgroup itself and frees it with it; there is no limit to
 * their number, and no way to walk them from here.
 *
 * @param <V> the Java type of the values
 */
public final class CgroupStorage<V> extends LocalStorage<Path, V> {
  private CgroupStorage(Kernel kernel, int fd, MapRef name, MapShape shape, Codec<V> value) {
    super(kernel, fd, name, shape, value);
  }

  /**
   * Makes one without values.
   *
   * @param name the name by which programs refer to it
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_BPF
   * @throws io.github.purebpf.bpf.error.UnsupportedKernelException before Linux 6.2
   */
  public static <V> CgroupStorage<V> create(MapRef name, Codec<V> value, MapOption... options) {
    return create(Kernel.running(), name, value, options);
  }

  static <V> CgroupStorage<V> create(
      Kernel kernel, MapRef name, Codec<V> value, MapOption... options) {
    var shape = shape(value, options);
    int fd = new MapCreator(kernel, name, shape).typed(Codec.s32(), value).with(options).create();
    return new CgroupStorage<>(kernel, fd, name, shape, value);
  }

  /**
   * Opens a pinned one ({@code BPF_OBJ_GET}, Linux 4.4).
   *
   * @throws IllegalArgumentException if what is pinned there is another map; the message says in
   *     what
   */
  public static <V> CgroupStorage<V> openPinned(Path path, MapRef name, Codec<V> value) {
    return openPinned(Kernel.running(), path, name, value);
  }

  static <V> CgroupStorage<V> openPinned(Kernel kernel, Path path, MapRef name, Codec<V> value) {
    var shape = shape(value);
    return openPinned(kernel, path, (k, fd) -> new CgroupStorage<>(k, fd, name, shape, value));
  }

  private static MapShape shape(Codec<?> value, MapOption... options) {
    int flags = MapOption.flags(options) | MapFlags.NO_PREALLOC;
    return new MapShape(MapType.CGRP_STORAGE, Integer.BYTES, value.size(), 0, flags);
  }

  @Override
  OpenFile open(Path owner) {
    return OpenFile.cgroup(kernel(), owner);
  }
}
