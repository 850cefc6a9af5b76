package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.bpf.internal.sys.MountInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A directory in a cgroup2 file system: a group of processes that a program can be attached to.
 *
 * <p>Hosts that still use cgroup v1 have cgroup2 mounted beside it, at {@code
 * /sys/fs/cgroup/unified} for instance; {@link #mount} finds it.
 */
public final class Cgroup2 {
  private static final long MAGIC = 0x63677270;
  private static final long V1_MAGIC = 0x27e0eb;

  private final Path path;

  private Cgroup2(Path path) {
    this.path = path;
  }

  /** Where cgroup2 is mounted for this process; empty if nowhere. */
  public static List<Path> mounts() {
    return MountInfo.mountPoints("cgroup2");
  }

  /**
   * The root of the whole hierarchy, in which every process of the machine is; empty if it is
   * mounted nowhere for this process, as in most containers.
   */
  public static Optional<Path> root() {
    return Cgroup2Mount.all().stream()
        .filter(mount -> mount.scope() == Cgroup2Mount.Scope.HIERARCHY)
        .map(Cgroup2Mount::path)
        .findFirst();
  }

  /**
   * The first of {@link #mounts} that nothing else is mounted over.
   *
   * @throws NotCgroup2Exception if there is none
   */
  public static Path mount() {
    return visible()
        .findFirst()
        .orElseThrow(
            () ->
                new NotCgroup2Exception(
                    "no cgroup2 file system is mounted; mount -t cgroup2 cgroup2 DIR"));
  }

  /**
   * Checks a path.
   *
   * @throws NotCgroup2Exception if it does not exist, is no directory, is of cgroup v1, or on any
   *     other file system; the message says which, and where cgroup2 is
   */
  public static Cgroup2 require(Path path) {
    return require(Kernel.running(), path);
  }

  static Cgroup2 require(Kernel kernel, Path path) {
    if (!Files.exists(path)) {
      throw new NotCgroup2Exception("the cgroup " + path + " does not exist");
    }
    if (!Files.isDirectory(path)) {
      throw new NotCgroup2Exception(path + " is no directory, and a cgroup is one");
    }
    long magic = kernel.fileSystem(path);
    if (magic == MAGIC) {
      return new Cgroup2(path);
    }
    if (magic < 0) {
      throw Failure.of(kernel, "statfs", path.toString()).exception((int) magic);
    }
    throw new NotCgroup2Exception(
        "%s is %s; %s"
            .formatted(
                path,
                magic == V1_MAGIC ? "a cgroup of version 1" : "not in a cgroup file system",
                whereItIs()));
  }

  private static String whereItIs() {
    return visible()
        .findFirst()
        .map(mount -> "cgroup2 is mounted at " + mount)
        .orElse("no cgroup2 file system is mounted, mount -t cgroup2 cgroup2 DIR");
  }

  private static Stream<Path> visible() {
    return Cgroup2Mount.all().stream()
        .filter(mount -> mount.scope() != Cgroup2Mount.Scope.HIDDEN)
        .map(Cgroup2Mount::path);
  }

  /** The directory. */
  public Path path() {
    return path;
  }

  /**
   * The number by which the kernel and its programs know it, which is the inode number of the
   * directory; {@code bpf_get_current_cgroup_id} gives it (Linux 4.18).
   *
   * @throws UncheckedIOException if the directory is gone
   */
  public long id() {
    try {
      return (Long) Files.getAttribute(path, "unix:ino");
    } catch (IOException e) {
      throw new UncheckedIOException("the cgroup " + path + " is gone", e);
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
