package io.github.purebpf.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MountInfoTest {
  private static final String V1 = "38 31 0:37 / /sys/fs/cgroup/pids rw,relatime - cgroup pids rw";

  @Test
  void findsTheUnifiedHierarchyOfAHybridHost() {
    var lines =
        List.of(
            "31 23 0:28 / /sys/fs/cgroup rw - tmpfs cgroup2 rw,mode=755",
            V1,
            "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:9 master:1 - cgroup2 none rw");
    assertEquals(Optional.of(Path.of("/sys/fs/cgroup/unified")), MountInfo.cgroup2(lines));
  }

  @Test
  void findsNothingWhereOnlyVersionOneIsMounted() {
    assertEquals(Optional.empty(), MountInfo.cgroup2(List.of(V1)));
  }

  @Test
  void readsTheEscapesOfTheKernel() {
    var lines = List.of("41 31 0:38 / /mnt/a\\040b\\134c$1 rw - cgroup2 none rw");
    assertEquals(Optional.of(Path.of("/mnt/a b\\c$1")), MountInfo.cgroup2(lines));
  }
}
