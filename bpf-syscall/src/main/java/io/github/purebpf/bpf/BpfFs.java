package io.github.purebpf.bpf;

import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.bpf.internal.sys.MountInfo;
import io.github.purebpf.insn.KernelVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The BPF file system, in which kernel objects get names; and a private one that no other process
 * sees among the mounts.
 */
public final class BpfFs implements AutoCloseable {
  private static final long MAGIC = 0xcafe4a11L;
  private static final KernelVersion MOUNT_API = new KernelVersion(5, 2);

  private final Fd mount;
  private final Path path;

  private BpfFs(Fd mount, Path path) {
    this.mount = mount;
    this.path = path;
  }

  /**
   * Where BPF file systems are mounted for this process, such as {@code /sys/fs/bpf}; empty if
   * nowhere. A {@linkplain #mountDetached() detached} one is not among them.
   */
  public static List<Path> mounts() {
    return MountInfo.mountPoints("bpf");
  }

  /**
   * Checks that a directory is on a BPF file system.
   *
   * @return the directory
   * @throws IllegalArgumentException if it is not; the message says how to mount one
   */
  public static Path require(Path directory) {
    return require(Kernel.running(), directory);
  }

  static Path require(Kernel kernel, Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new IllegalArgumentException(directory + " is no directory");
    }
    long magic = kernel.fileSystem(directory);
    if (magic < 0) {
      throw Failure.of(kernel, "statfs", directory.toString()).exception((int) magic);
    }
    if (magic != MAGIC) {
      throw new IllegalArgumentException(
          directory + " is on no BPF file system; mount -t bpf bpf " + directory);
    }
    return directory;
  }

  /** Checks that something can be pinned at a path. */
  static void requirePinnable(Kernel kernel, Path path) {
    var name = Objects.requireNonNull(path.getFileName(), "a pin needs a name").toString();
    if (name.contains(".")) {
      throw new IllegalArgumentException(
          "cannot pin at " + path + ": the BPF file system takes no dots in names");
    }
    require(kernel, path.toAbsolutePath().getParent());
  }

  /**
   * Removes a pin. The object goes with it, if nothing else refers to it.
   *
   * @return whether there was one
   * @throws IllegalArgumentException if the path is not on a BPF file system
   */
  public static boolean unpin(Path path) {
    return unpin(Kernel.running(), path);
  }

  static boolean unpin(Kernel kernel, Path path) {
    require(kernel, path.toAbsolutePath().getParent());
    try {
      return Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove the pin " + path, e);
    }
  }

  /**
   * A BPF file system of this process's own ({@code fsopen}, Linux 5.2). It is in no table of
   * mounts, and it vanishes with all its pins when it is closed or the process ends, however that
   * comes.
   *
   * @throws MissingPrivilegeException without CAP_SYS_ADMIN
   * @throws UnsupportedKernelException before Linux 5.2
   */
  public static BpfFs mountDetached() {
    return mountDetached(Kernel.running());
  }

  static BpfFs mountDetached(Kernel kernel) {
    int context = Fd.offStandardStreams(kernel, kernel.openFileSystem("bpf"));
    check(kernel, "fsopen", context);
    int mount;
    try {
      check(kernel, "fsconfig", kernel.createFileSystem(context));
      mount = Fd.offStandardStreams(kernel, kernel.mountDetached(context));
      check(kernel, "fsmount", mount);
    } finally {
      kernel.close(context);
    }
    var path = Path.of("/proc", Long.toString(ProcessHandle.current().pid()), "fd", "" + mount);
    return new BpfFs(new Fd(kernel, mount, "detached BPF file system"), path);
  }

  private static void check(Kernel kernel, String call, int result) {
    if (result < 0) {
      throw Failure.of(kernel, call, "a BPF file system")
          .needs(Set.of(Capability.CAP_SYS_ADMIN))
          .feature(call, MOUNT_API)
          .exception(result);
    }
  }

  /** Its root directory: {@code /proc/PID/fd/N}. */
  public Path path() {
    return path;
  }

  /** Ends it, with all pins in it. */
  @Override
  public void close() {
    mount.close();
  }

  @Override
  public String toString() {
    return mount.toString();
  }
}
