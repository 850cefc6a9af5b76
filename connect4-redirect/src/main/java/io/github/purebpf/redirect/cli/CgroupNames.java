package io.github.purebpf.redirect.cli;

import io.github.purebpf.bpf.Cgroup2;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The folders of cgroups by their ids, as far as this process sees them. */
final class CgroupNames {
  private final Map<Long, String> names;

  private CgroupNames(Map<Long, String> names) {
    this.names = names;
  }

  /** Looks for some in all mounts; one that is not found has no name. */
  static CgroupNames find(Set<Long> ids) {
    var names = new HashMap<Long, String>();
    for (var mount : Cgroup2.mounts()) {
      var missing = new HashSet<>(ids);
      missing.removeAll(names.keySet());
      if (!missing.isEmpty()) {
        names.putAll(below(mount, missing));
      }
    }
    return new CgroupNames(names);
  }

  /**
   * The folders below a top whose inodes have these numbers, with a slash in front of each; the top
   * itself is the slash. What cannot be read is passed over: cgroups go while one looks.
   */
  static Map<Long, String> below(Path top, Set<Long> ids) {
    var found = new HashMap<Long, String>();
    var visitor =
        new SimpleFileVisitor<Path>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            long id = (Long) Files.getAttribute(folder, "unix:ino");
            if (ids.contains(id)) {
              found.put(id, "/" + top.relativize(folder));
            }
            return found.size() == ids.size()
                ? FileVisitResult.TERMINATE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, IOException e) {
            return FileVisitResult.CONTINUE;
          }
        };
    try {
      Files.walkFileTree(top, visitor);
    } catch (IOException e) {
      return found; // a folder was removed under our eyes; the others are found all the same
    }
    return found;
  }

  /** The path below the mount, such as {@code /system.slice/a.service}. */
  Optional<String> of(long id) {
    return Optional.ofNullable(names.get(id));
  }
}
