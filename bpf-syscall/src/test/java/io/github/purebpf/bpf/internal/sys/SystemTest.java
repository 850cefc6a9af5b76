package io.github.purebpf.bpf.internal.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SystemTest {
  @ParameterizedTest
  @CsvSource({
    "amd64, 321",
    "aarch64, 280",
    "riscv64, 280",
    "s390x, 351",
    "ppc64le, 361",
    "loongarch64, 280"
  })
  void everyArchitectureHasItsNumber(String architecture, long number) {
    RunningKernel.check("Linux", architecture);
    assertEquals(number, SystemCalls.of(architecture).bpf());
  }

  @Test
  void anUnknownArchitectureIsRefusedByName() {
    var e =
        assertThrows(
            UnsupportedOperationException.class, () -> RunningKernel.check("Linux", "sparcv9"));
    assertTrue(e.getMessage().contains("architecture sparcv9"), e.getMessage());
  }

  @Test
  void anotherSystemIsRefusedByName() {
    var e =
        assertThrows(
            UnsupportedOperationException.class, () -> RunningKernel.check("Mac OS X", "aarch64"));
    assertEquals(
        "BPF objects exist only on Linux; this is Mac OS X. Programs can be built here",
        e.getMessage());
  }

  @Test
  void mountPointsAreFoundByTypeAndUnescaped() {
    String mounts =
        """
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:4 master:2 - cgroup2 none rw
        42 31 0:38 /a\\040pod /mnt/a\\040b\\134c rw,relatime - cgroup2 none rw
        43 31 0:38 / /mnt/cgroup2 rw - ext4 /dev/cgroup2 rw
        """;
    assertEquals(
        List.of(
            new MountInfo.Mount(Path.of("/"), Path.of("/sys/fs/cgroup/unified")),
            new MountInfo.Mount(Path.of("/a pod"), Path.of("/mnt/a b\\c"))),
        MountInfo.mounts("cgroup2", mounts));
    assertEquals(List.of(), MountInfo.mounts("bpf", mounts));
    assertEquals(List.of(), MountInfo.mounts("bpf", ""));
  }
}
