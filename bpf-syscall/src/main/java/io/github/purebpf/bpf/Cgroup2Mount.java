package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.sys.MountInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * A mount of cgroup2, and how much of the hierarchy it shows. A program attached at its top sees
 * the processes of all cgroups below, and no others: in a container these are the container's.
 *
 * @param path where it is mounted
 * @param root which cgroup is mounted there, as {@code /proc/self/mountinfo} spells it for this
 *     process: {@code /} is the root of its cgroup namespace, and {@code /..} leads out of that
 * @param scope how much of the hierarchy it shows
 */
public record Cgroup2Mount(Path path, Path root, Scope scope) {
  private static final Path TOP = Path.of("/");

  /** How much of the hierarchy a mount shows. */
  public enum Scope {
    /** All of it: its top is the root, in which every process of the machine is. */
    HIERARCHY,
    /** What a cgroup namespace has: its top looks like a root and is none. */
    NAMESPACE,
    /** One cgroup with those below it. */
    PART,
    /** Nothing: something else is mounted over it, or it may not be read. */
    HIDDEN
  }

  /** Refuses nulls. */
  public Cgroup2Mount {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(root, "root");
    Objects.requireNonNull(scope, "scope");
  }

  /** Those of this process, in the order of {@code /proc/self/mountinfo}. */
  public static List<Cgroup2Mount> all() {
    return all(TOP);
  }

  /**
   * The same.
   *
   * @param top the directory below which {@code /proc} and the mounts are
   */
  public static List<Cgroup2Mount> all(Path top) {
    return MountInfo.mounts("cgroup2", top).stream()
        .map(mount -> of(mount, top.resolve(TOP.relativize(mount.point()))))
        .toList();
  }

  /**
   * The kernel gives every cgroup but the root a file {@code cgroup.events}, whatever namespace
   * looks at it; names and numbers of inodes depend on who looks or on the kernel.
   */
  private static Cgroup2Mount of(MountInfo.Mount mount, Path directory) {
    Scope scope;
    if (!Files.exists(directory.resolve("cgroup.procs"))) {
      scope = Scope.HIDDEN;
    } else if (!Files.exists(directory.resolve("cgroup.events"))) {
      scope = Scope.HIERARCHY;
    } else {
      scope = mount.root().equals(TOP) ? Scope.NAMESPACE : Scope.PART;
    }
    return new Cgroup2Mount(mount.point(), mount.root(), scope);
  }
}
