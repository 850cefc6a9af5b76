package io.github.purebpf.redirect;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.regex.PatternSyntaxException;

/**
 * Which cgroups below a folder a {@link CgroupFollower} works on. None of them is below another: a
 * program that is attached to a cgroup runs for those below it, and would run twice for one that it
 * is attached to as well.
 */
public final class CgroupsBelow {
  private final Path top;

  /** Null if it is the direct children, whatever their names. */
  private final PathMatcher names;

  private CgroupsBelow(Path top, PathMatcher names) {
    this.top = top.toAbsolutePath().normalize();
    this.names = names;
  }

  /**
   * The direct children of a folder.
   *
   * @param top a folder of a cgroup2 hierarchy
   */
  public static CgroupsBelow childrenOf(Path top) {
    return new CgroupsBelow(top, null);
  }

  /**
   * Those at any depth whose names match a glob; below one that matches nothing is looked for.
   *
   * <p>With Kubernetes and systemd, {@code *-pod*} below {@code kubepods.slice} is the pods of all
   * classes: {@code kubepods-burstable-podUID.slice} matches, and {@code kubepods-burstable.slice}
   * does not. Without systemd it is {@code pod*} below {@code kubepods}.
   *
   * @param top a folder of a cgroup2 hierarchy, which is not one of them
   * @param glob for the name alone, as {@link java.nio.file.FileSystem#getPathMatcher} takes it
   * @throws IllegalArgumentException if the glob is none
   */
  public static CgroupsBelow named(Path top, String glob) {
    try {
      return new CgroupsBelow(top, FileSystems.getDefault().getPathMatcher("glob:" + glob));
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "the glob \"%s\" is wrong: %s".formatted(glob, e.getDescription()), e);
    }
  }

  /** The folder. */
  public Path top() {
    return top;
  }

  /**
   * Whether a folder is one of them.
   *
   * @param cgroup absolute and normal
   */
  boolean contains(Path cgroup) {
    if (!isBelow(cgroup)) {
      return false;
    }
    if (names == null) {
      return cgroup.getParent().equals(top);
    }
    for (var above = cgroup.getParent(); !above.equals(top); above = above.getParent()) {
      if (names.matches(above.getFileName())) {
        return false;
      }
    }
    return names.matches(cgroup.getFileName());
  }

  /** Whether some of them may be below a folder that is not one of them. */
  boolean mayBeBelow(Path folder) {
    return folder.equals(top) || names != null;
  }

  private boolean isBelow(Path cgroup) {
    return cgroup.startsWith(top) && !cgroup.equals(top);
  }
}
