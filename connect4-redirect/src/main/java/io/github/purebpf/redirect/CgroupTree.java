package io.github.purebpf.redirect;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BiConsumer;

/** A cgroup and those below it. What goes while one looks is passed over. */
final class CgroupTree {
  private CgroupTree() {}

  /** Their ids; of one that is gone none. */
  static Set<Long> ids(Path top) {
    var ids = new HashSet<Long>();
    walk(top, (id, _) -> ids.add(id));
    return ids;
  }

  /** Visits each, with its id and its folder. */
  static void walk(Path top, BiConsumer<Long, Path> visit) {
    var visitor =
        new SimpleFileVisitor<Path>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            CgroupFinder.idAt(folder).ifPresent(id -> visit.accept(id, folder));
            return FileVisitResult.CONTINUE;
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
      throw new UncheckedIOException("cannot look through " + top, e);
    }
  }
}
