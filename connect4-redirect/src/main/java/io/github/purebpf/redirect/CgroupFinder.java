package io.github.purebpf.redirect;

import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.bpf.NotCgroup2Exception;
import io.github.purebpf.bpf.error.KernelErrorException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/** Finds the folders of cgroups, as they are now. */
final class CgroupFinder {
  /** Of all that this process sees; null until one is not where it was. */
  private Map<Long, Path> all;

  /**
   * The folder of a cgroup.
   *
   * @param known where it was
   */
  Optional<Path> find(long cgroup, Path known) {
    var there = idAt(known);
    if (there.isPresent() && there.getAsLong() == cgroup) {
      return Optional.of(known);
    }
    if (all == null) {
      all = new HashMap<>();
      for (var mount : Cgroup2.mounts()) {
        walk(mount, folder -> idAt(folder).ifPresent(id -> all.putIfAbsent(id, folder)));
      }
    }
    return Optional.ofNullable(all.get(cgroup));
  }

  /** Which cgroup is at a path, if one is. */
  static OptionalLong idAt(Path path) {
    try {
      return OptionalLong.of(Cgroup2.require(path).id());
    } catch (NotCgroup2Exception | UncheckedIOException e) {
      return OptionalLong.empty();
    } catch (KernelErrorException e) {
      if (e.errnoName().equals("ENOENT")) {
        return OptionalLong.empty(); // it goes while we look, and another may be there by now
      }
      throw e;
    }
  }

  /** The ids of a cgroup and of those below it; of one that is gone none. */
  static Set<Long> idsFrom(Path top) {
    var ids = new HashSet<Long>();
    walk(top, folder -> idAt(folder).ifPresent(ids::add));
    return ids;
  }

  /** Goes through a folder and all below it; those above come before those below. */
  static void walk(Path top, Consumer<Path> each) {
    try {
      Files.walkFileTree(
          top,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(
                Path directory, BasicFileAttributes attributes) {
              each.accept(directory);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              return FileVisitResult.CONTINUE; // it goes while we look
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException e) {
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look through " + top, e);
    }
  }
}
