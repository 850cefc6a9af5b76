package io.github.purebpf.redirect;

import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.bpf.NotCgroup2Exception;
import java.io.UncheckedIOException;
import java.nio.file.Path;
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
      Cgroup2.mounts().forEach(mount -> CgroupTree.walk(mount, all::putIfAbsent));
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
}
