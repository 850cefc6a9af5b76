package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.BpfMapInfo;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.bpf.internal.sys.Mapping;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapFlags;
import io.github.purebpf.uapi.MapType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Memory that programs and this process share and both address alike ({@code BPF_MAP_TYPE_ARENA},
 * Linux 6.9, on architectures whose JIT can do it): a pointer stored in it by one means the same to
 * the other. Not to be confused with {@link Arena}.
 *
 * <p>It is mapped as long as it is open. A page is allocated when this process touches it, or by a
 * program with {@code bpf_arena_alloc_pages}. An access of a program to a page that is not there
 * reads zeros and writes nothing. A program must be loaded after the arena was made, and needs
 * CAP_PERFMON and CAP_BPF.
 */
public final class BpfArena extends KernelMap {
  private static final long LARGEST = 1L << 32;
  private static final KernelVersion SINCE = MapType.ARENA.since();

  private final AtomicBoolean closed = new AtomicBoolean();
  private Mapping mapping;

  private BpfArena(Kernel kernel, int fd, MapRef name, MapShape shape) {
    super(kernel, fd, name, shape);
  }

  /**
   * Makes one at an address that the kernel chooses. Other processes that open it cannot map it.
   *
   * @param name the name by which programs refer to it
   * @param pages its size in {@linkplain #pageSize pages}, at most 4 GiB
   * @throws IllegalArgumentException if it is larger, or an option has {@code BPF_F_SEGV_ON_FAULT},
   *     with which a wrong access would end the JVM
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_BPF
   * @throws io.github.purebpf.bpf.error.UnsupportedKernelException before Linux 6.9
   */
  public static BpfArena create(MapRef name, int pages, MapOption... options) {
    return create(Kernel.running(), name, pages, options);
  }

  static BpfArena create(Kernel kernel, MapRef name, int pages, MapOption... options) {
    return make(kernel, name, pages, 0, options);
  }

  /**
   * Makes one at an address of the caller's, at which other processes map it, too.
   *
   * @param address a multiple of the size of a page, at which nothing is mapped in any of the
   *     processes; the upper 32 bits are the same in the whole arena
   * @throws IllegalArgumentException as without an address, and if it is no such number
   * @throws io.github.purebpf.bpf.error.KernelErrorException if something is mapped there (EEXIST)
   */
  public static BpfArena createAt(MapRef name, int pages, long address, MapOption... options) {
    return createAt(Kernel.running(), name, pages, address, options);
  }

  static BpfArena createAt(
      Kernel kernel, MapRef name, int pages, long address, MapOption... options) {
    int page = kernel.pageSize();
    if (address <= 0 || address % page != 0) {
      throw new IllegalArgumentException(
          "map %s: an arena at 0x%x; take a positive multiple of %d"
              .formatted(name, address, page));
    }
    long last = address + Integer.toUnsignedLong(pages) * page - 1;
    if (address >>> Integer.SIZE != last >>> Integer.SIZE) {
      throw new IllegalArgumentException(
          "map %s: an arena from 0x%x to 0x%x; it must not cross a multiple of 4 GiB"
              .formatted(name, address, last));
    }
    return make(kernel, name, pages, address, options);
  }

  private static BpfArena make(
      Kernel kernel, MapRef name, int pages, long address, MapOption... options) {
    int page = kernel.pageSize();
    var shape = shape(name, pages, page, options);
    int fd = new MapCreator(kernel, name, shape).extra(address).with(options).create();
    return mapped(new BpfArena(kernel, fd, name, shape), address, (long) pages * page);
  }

  /**
   * Opens a pinned one ({@code BPF_OBJ_GET}), which was made {@linkplain #createAt at an address}.
   *
   * @throws IllegalArgumentException if what is pinned there is another map; the message says in
   *     what
   * @throws io.github.purebpf.bpf.error.KernelErrorException if something is mapped at its address
   *     (EEXIST), or it was made without one and is mapped by another process (EINVAL)
   */
  public static BpfArena openPinned(Path path, MapRef name, int pages) {
    return openPinned(Kernel.running(), path, name, pages);
  }

  static BpfArena openPinned(Kernel kernel, Path path, MapRef name, int pages) {
    int page = kernel.pageSize();
    var shape = shape(name, pages, page);
    var arena = openPinned(kernel, path, (k, fd) -> new BpfArena(k, fd, name, shape));
    long address;
    try (var memory = Arena.ofConfined()) {
      address =
          arena
              .info(memory, BpfMapInfo.MAP_EXTRA + Long.BYTES)
              .get(ValueLayout.JAVA_LONG, BpfMapInfo.MAP_EXTRA);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
    return mapped(arena, address, (long) pages * page);
  }

  private static MapShape shape(MapRef name, int pages, int page, MapOption... options) {
    if (pages < 1 || page < 1 || (long) pages * page > LARGEST) {
      throw new IllegalArgumentException(
          "map %s: an arena of %d pages; it has 1 to %d".formatted(name, pages, LARGEST / page));
    }
    int flags = MapOption.flags(options) | MapFlags.MMAPABLE;
    if ((flags & MapFlags.SEGV_ON_FAULT) != 0) {
      throw new IllegalArgumentException(
          "map %s: BPF_F_SEGV_ON_FAULT would end the JVM at a wrong access".formatted(name));
    }
    return new MapShape(MapType.ARENA, 0, 0, pages, flags);
  }

  /**
   * Maps it, or closes it.
   *
   * @param address 0 for any
   */
  private static BpfArena mapped(BpfArena arena, long address, long length) {
    var kernel = arena.kernel();
    long at =
        arena.withFd(
            fd ->
                address == 0 ? kernel.map(fd, 0, length, true) : kernel.mapAt(address, fd, length));
    if (at < 0) {
      arena.close();
      throw Failure.of(kernel, "mmap", arena.title())
          .feature(MapType.ARENA.kernelName(), SINCE)
          .hint(Errno.EEXIST, "something is mapped at 0x%x in this process".formatted(address))
          .hint(
              Errno.EINVAL,
              "it was made without an address and another process has mapped it; make it with"
                  + " BpfArena.createAt")
          .exception((int) at);
    }
    try {
      arena.mapping = new Mapping(kernel, at, length);
      return arena;
    } catch (RuntimeException e) {
      kernel.unmap(at, length);
      arena.close();
      throw e;
    }
  }

  /**
   * All of it. It may be used from any thread until the arena is closed; the memory model is that
   * of plain memory, so take {@link java.lang.invoke.VarHandle}s for what programs change
   * meanwhile.
   */
  public MemorySegment memory() {
    return mapping.memory();
  }

  /** Where it begins, for programs and for this process. */
  public long address() {
    return mapping.memory().address();
  }

  /** The bytes of a page of this machine. */
  public int pageSize() {
    return kernel().pageSize();
  }

  /**
   * Unmaps it and closes this process's descriptor; from the second time on it does nothing.
   * Programs may go on using the memory.
   *
   * @throws IllegalStateException if a native call has its memory
   */
  @Override
  public void close() {
    if (mapping != null && closed.compareAndSet(false, true)) {
      try {
        mapping.close();
      } catch (IllegalStateException e) {
        closed.set(false);
        throw e;
      }
    }
    super.close();
  }
}
