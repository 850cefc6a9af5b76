package io.github.purebpf.redirect.cli;

import io.github.purebpf.bpf.Cgroup2;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A cgroup with those above it, as far as this process sees them.
 *
 * @param members the cgroup first
 */
record Lineage(List<Member> members) {
  /**
   * A cgroup.
   *
   * @param id the number by which programs know it
   * @param path its folder
   */
  record Member(long id, Path path) {}

  Lineage {
    members = List.copyOf(members);
  }

  static Lineage of(Cgroup2 cgroup) {
    var members = new ArrayList<Member>();
    var path = cgroup.path().toAbsolutePath().normalize();
    while (path != null && Files.exists(path.resolve("cgroup.procs"))) {
      members.add(new Member(id(path), path));
      path = path.getParent();
    }
    return new Lineage(members);
  }

  private static long id(Path path) {
    try {
      return (Long) Files.getAttribute(path, "unix:ino");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot tell the id of the cgroup " + path, e);
    }
  }

  Member self() {
    return members.getFirst();
  }
}
