package io.github.purebpf.redirect;

import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.bpf.NotCgroup2Exception;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

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
      Cgroup2.mounts().forEach(this::walk);
    }
    return Optional.ofNullable(all.get(cgroup));
  }

  /** Which cgroup is at a path, if one is. */
  static OptionalLong idAt(Path path) {
    try {
      return OptionalLong.of(Cgroup2.require(path).id());
    } catch (NotCgroup2Exception | UncheckedIOException e) {
      return OptionalLong.empty();
    }
  }

  private void walk(Path mount) {
    try {
      Files.walkFileTree(
          mount,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(
                Path directory, BasicFileAttributes attributes) {
              idAt(directory).ifPresent(id -> all.putIfAbsent(id, directory));
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
      throw new UncheckedIOException("cannot look through " + mount, e);
    }
  }
}
