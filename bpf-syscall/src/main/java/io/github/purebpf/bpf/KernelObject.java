package io.github.purebpf.bpf;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.event.Events;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.BpfMapInfo;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.bpf.internal.sys.NativePath;
import io.github.purebpf.insn.KernelVersion;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.function.IntFunction;

/**
 * An object in the kernel that this process holds a file descriptor of. The kernel frees the object
 * when the last descriptor, pin, attachment or program that refers to it is gone.
 *
 * <p>All methods may be called from any thread. A call during which another thread closes the
 * object finishes; a later one throws {@link IllegalStateException}. There is no finalizer: an
 * object that is never closed stays open until the process ends.
 */
public abstract sealed class KernelObject implements AutoCloseable
    permits KernelMap, BpfProgram, BpfLink {
  /** The id lies at one offset in the info of all objects. */
  private static final int ID = BpfMapInfo.ID;

  private static final KernelVersion LINK_INFO = new KernelVersion(5, 8);

  private final Kernel kernel;
  private final Fd fd;
  private final String title;

  /** Takes over the descriptor; the title is words such as {@code map vips}. */
  KernelObject(Kernel kernel, int fd, String title) {
    this.kernel = kernel;
    this.fd = new Fd(kernel, fd, title);
    this.title = title;
  }

  final Kernel kernel() {
    return kernel;
  }

  final Fd fd() {
    return fd;
  }

  /** How messages call it. */
  final String title() {
    return title;
  }

  /** A call with this object's descriptor in one field; errno negated on failure. */
  final int call(Cmd command, BpfAttr attr, int fdField) {
    attr.u32(fdField, fd.acquire());
    try {
      // Nothing is allocated for the event while nobody records it.
      return this instanceof KernelMap && Events.areMapsWatched()
          ? Events.mapOperation(title, command.kernelName(), () -> kernel.bpf(command, attr))
          : kernel.bpf(command, attr);
    } finally {
      fd.release();
    }
  }

  /**
   * Calls with the number of the file descriptor, for system calls that this library does not make:
   * {@code setsockopt(SO_ATTACH_BPF)} and the like. A {@linkplain #close close} meanwhile waits
   * until it returns, so that the number is never that of another file; it must not be kept or
   * closed.
   *
   * @throws IllegalStateException if the object is closed
   */
  public final <T> T withFd(IntFunction<T> use) {
    int number = fd.acquire();
    try {
      return use.apply(number);
    } finally {
      fd.release();
    }
  }

  /** The first bytes of the kernel's {@code bpf_map_info}, {@code bpf_prog_info} and the like. */
  final MemorySegment info(Arena arena, int size) {
    var info = arena.allocate(size, 8);
    requestInfo(info);
    return info;
  }

  /** The same into memory whose pointers say where longer answers go; all else is to be zero. */
  final void requestInfo(MemorySegment info) {
    try (var arena = Arena.ofConfined()) {
      var attr =
          BpfAttr.allocate(arena, Attr.ObjInfo.SIZE)
              .u32(Attr.ObjInfo.INFO_LEN, (int) info.byteSize())
              .pointer(Attr.ObjInfo.INFO, info);
      int result = call(Cmd.OBJ_GET_INFO_BY_FD, attr, Attr.ObjInfo.BPF_FD);
      if (result < 0) {
        var failure = Failure.of(kernel, Cmd.OBJ_GET_INFO_BY_FD, title);
        throw (this instanceof BpfLink ? failure.feature("links", LINK_INFO) : failure)
            .exception(result);
      }
    }
  }

  /**
   * The number by which the kernel and tools such as bpftool know the object, unique among those of
   * its kind while it lives ({@code BPF_OBJ_GET_INFO_BY_FD}, Linux 4.13, for links 5.8).
   */
  public int id() {
    try (var arena = Arena.ofConfined()) {
      return info(arena, ID + Integer.BYTES).get(ValueLayout.JAVA_INT, ID);
    }
  }

  /**
   * Gives the object a name in a BPF file system ({@code BPF_OBJ_PIN}, Linux 4.4), which keeps it
   * alive until {@link BpfFs#unpin}, also beyond the end of this process.
   *
   * @param path a name that does not exist yet, without a dot, in a directory of a BPF file system
   * @throws IllegalArgumentException if the name has a dot, or the directory is on another kind of
   *     file system
   * @throws KernelErrorException if the name exists (EEXIST) or may not be made (EACCES)
   */
  public void pin(Path path) {
    BpfFs.requirePinnable(kernel, path);
    try (var arena = Arena.ofConfined()) {
      var attr =
          BpfAttr.allocate(arena, Attr.ObjPin.FILE_FLAGS + Integer.BYTES)
              .pointer(Attr.ObjPin.PATHNAME, NativePath.of(path, arena));
      int result = call(Cmd.OBJ_PIN, attr, Attr.ObjPin.BPF_FD);
      if (result < 0) {
        throw Failure.of(kernel, Cmd.OBJ_PIN, title + " at " + path)
            .hint(Errno.EEXIST, "something is pinned there; unpin it or take another name")
            .hint(Errno.EACCES, "no permission to write the directory " + path.getParent())
            .exception(result);
      }
    }
  }

  /** A descriptor of what is pinned at a path ({@code BPF_OBJ_GET}, Linux 4.4). */
  static int openPinned(Kernel kernel, Path path, String kind) {
    try (var arena = Arena.ofConfined()) {
      var attr =
          BpfAttr.allocate(arena, Attr.ObjPin.FILE_FLAGS + Integer.BYTES)
              .pointer(Attr.ObjPin.PATHNAME, NativePath.of(path, arena));
      int fd = Fd.offStandardStreams(kernel, kernel.bpf(Cmd.OBJ_GET, attr));
      if (fd < 0) {
        throw Failure.of(kernel, Cmd.OBJ_GET, path.toString())
            .hint(Errno.ENOENT, "nothing is pinned there")
            .hint(Errno.EACCES, "no permission, or no pin of a BPF object")
            .exception(fd);
      }
      requireKind(kernel, fd, path, kind);
      return fd;
    }
  }

  private static void requireKind(Kernel kernel, int fd, Path path, String kind) {
    boolean right = false;
    try {
      // The kernel spells a link with a hyphen or an underscore, depending on how it was opened.
      String found = kernel.kindOf(fd).replace('_', '-').replace("anon-inode:", "");
      right = found.equals(kind);
      if (!right) {
        throw new IllegalArgumentException(
            path + " is the pin of a " + found + ", not of a " + kind);
      }
    } finally {
      if (!right) {
        kernel.close(fd);
      }
    }
  }

  /** Closes this process's descriptor; from the second time on it does nothing. */
  @Override
  public void close() {
    fd.close();
  }

  /** The kind and name. */
  @Override
  public String toString() {
    return fd.toString();
  }
}
