package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.query.IdSpace;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A map of any kind: what a program refers to by name. Each kind with operations of its own is a
 * class of its own.
 */
public abstract sealed class KernelMap extends KernelObject
    permits KeyedMap,
        RingBuffer,
        UserRingBuffer,
        PerfEventArray,
        PushPopMap,
        BloomFilter,
        MapOfMaps,
        ProgramArray,
        CgroupArray,
        SocketTable,
        ReuseportSockArray,
        XskMap,
        DeviceTable,
        CpuMap,
        StackTraces,
        CgroupAttachStorage,
        BpfArena,
        StructOpsMap,
        LocalStorage {
  private final MapRef name;
  private final MapShape shape;

  KernelMap(Kernel kernel, int fd, MapRef name, MapShape shape) {
    super(kernel, fd, title(name));
    this.name = Objects.requireNonNull(name, "name");
    this.shape = Objects.requireNonNull(shape, "shape");
  }

  /** How messages call a map of this name. */
  static String title(MapRef name) {
    return "map " + name;
  }

  /** Makes a map for a new object of one of the subclasses. */
  interface Constructor<M extends KernelMap> {
    M of(Kernel kernel, int fd);
  }

  /** Opens a pinned map and compares it with the shape that its constructor gives it. */
  static <M extends KernelMap> M openPinned(Kernel kernel, Path path, Constructor<M> constructor) {
    var map = constructor.of(kernel, openPinned(kernel, path, "bpf-map"));
    try {
      PinnedMap.requireSame(map, "pinned at " + path);
      return map;
    } catch (RuntimeException e) {
      map.close();
      throw e;
    }
  }

  /** Opens a map by its id and compares it with the shape that its constructor gives it. */
  static <M extends KernelMap> M openId(Kernel kernel, int id, Constructor<M> constructor) {
    var map = constructor.of(kernel, IdSpace.MAP.open(kernel, id));
    try {
      PinnedMap.requireSame(map, "with id " + id);
      return map;
    } catch (RuntimeException e) {
      map.close();
      throw e;
    }
  }

  /** The name by which programs refer to it. */
  public final MapRef name() {
    return name;
  }

  /** Its type, sizes and flags. */
  public final MapShape shape() {
    return shape;
  }

  /**
   * Forbids every change by system calls, for good; programs may go on changing it ({@code
   * BPF_MAP_FREEZE}, Linux 5.2).
   *
   * @throws io.github.purebpf.bpf.error.KernelErrorException if memory of it is mapped for writing
   *     (EBUSY), it is frozen already or not this process's to write (EPERM), or of a kind that
   *     cannot be frozen (ENOTSUPP)
   */
  public final void freeze() {
    try (var arena = Arena.ofConfined()) {
      var attr = BpfAttr.allocate(arena, Attr.MapElem.MAP_FD + Integer.BYTES);
      int result = call(Cmd.MAP_FREEZE, attr, Attr.MapElem.MAP_FD);
      if (result < 0) {
        throw MapFailure.of(this, Cmd.MAP_FREEZE)
            .hint(Errno.EBUSY, "it is frozen already, or memory of it is mapped for writing")
            .exception(result);
      }
    }
  }
}
