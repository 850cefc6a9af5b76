package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.bpf.Cgroup2Mount.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables of mounts as machines of different kinds have them. */
class Cgroup2MountTest {
  @TempDir private Path top;

  private List<Cgroup2Mount> mounts(String mountInfo) throws IOException {
    Files.createDirectories(top.resolve("proc/self"));
    Files.writeString(top.resolve("proc/self/mountinfo"), mountInfo);
    return Cgroup2Mount.all(top);
  }

  private void cgroup(String path, String... files) throws IOException {
    var directory = Files.createDirectories(top.resolve(path));
    for (var file : files) {
      Files.createFile(directory.resolve(file));
    }
  }

  private void root(String path) throws IOException {
    cgroup(path, "cgroup.procs", "cgroup.controllers", "cgroup.stat");
  }

  private void child(String path) throws IOException {
    cgroup(
        path, "cgroup.procs", "cgroup.controllers", "cgroup.stat", "cgroup.type", "cgroup.events");
  }

  private static Cgroup2Mount mount(String path, String root, Scope scope) {
    return new Cgroup2Mount(Path.of(path), Path.of(root), scope);
  }

  @Test
  void systemdHasTheHierarchyAlone() throws IOException {
    root("sys/fs/cgroup");
    assertEquals(
        List.of(mount("/sys/fs/cgroup", "/", Scope.HIERARCHY)),
        mounts(
            """
            24 29 0:22 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw
            35 24 0:30 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
            36 24 0:31 / /sys/fs/bpf rw,nosuid,nodev,noexec,relatime shared:11 - bpf bpf rw,mode=700
            """));
  }

  @Test
  void aHybridHostHasItBesideThoseOfVersionOne() throws IOException {
    root("sys/fs/cgroup/unified");
    assertEquals(
        List.of(mount("/sys/fs/cgroup/unified", "/", Scope.HIERARCHY)),
        mounts(
            """
            30 22 0:25 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:9 - tmpfs tmpfs ro,mode=755
            31 30 0:26 / /sys/fs/cgroup/unified rw,nosuid,nodev,noexec,relatime shared:10 - cgroup2 cgroup2 rw,nsdelegate
            32 30 0:27 / /sys/fs/cgroup/systemd rw,nosuid,nodev,noexec,relatime shared:11 - cgroup cgroup rw,xattr,name=systemd
            36 30 0:31 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid,nodev,noexec,relatime shared:15 - cgroup cgroup rw,cpu,cpuacct
            """));
  }

  @Test
  void aContainerWithACgroupNamespaceHasARootThatIsNone() throws IOException {
    child("sys/fs/cgroup");
    assertEquals(
        List.of(mount("/sys/fs/cgroup", "/", Scope.NAMESPACE)),
        mounts(
            """
            1141 1140 0:109 / /sys ro,nosuid,nodev,noexec,relatime - sysfs sysfs ro
            1146 1141 0:30 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw,nsdelegate,memory_recursiveprot
            """));
  }

  @Test
  void aContainerOnItsHostsNamespaceSeesItsOwnPart() throws IOException {
    child("sys/fs/cgroup");
    assertEquals(
        List.of(
            mount(
                "/sys/fs/cgroup",
                "/kubepods.slice/kubepods-pod1f.slice/cri-containerd-9a.scope",
                Scope.PART)),
        mounts(
            """
            2087 2083 0:30 /kubepods.slice/kubepods-pod1f.slice/cri-containerd-9a.scope /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw
            """));
  }

  /** As agents in Kubernetes do it, whose own cgroup namespace is a container's. */
  @Test
  void theHostsHierarchyMountedIntoAContainerIsTheHierarchy() throws IOException {
    child("sys/fs/cgroup");
    root("host/sys/fs/cgroup");
    assertEquals(
        List.of(
            mount("/sys/fs/cgroup", "/", Scope.NAMESPACE),
            mount("/host/sys/fs/cgroup", "/../../..", Scope.HIERARCHY)),
        mounts(
            """
            2087 2083 0:30 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw
            2090 2080 0:30 /../../.. /host/sys/fs/cgroup rw,nosuid,nodev,noexec,relatime master:9 - cgroup2 cgroup2 rw
            """));
  }

  @Test
  void aWslMachineHasItLikeAHybridOne() throws IOException {
    root("sys/fs/cgroup/unified");
    assertEquals(
        List.of(mount("/sys/fs/cgroup/unified", "/", Scope.HIERARCHY)),
        mounts(
            """
            86 84 0:25 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,mode=755
            87 86 0:26 / /sys/fs/cgroup/unified rw,nosuid,nodev,noexec,relatime - cgroup2 cgroup2 rw,nsdelegate
            88 86 0:27 / /sys/fs/cgroup/cpuset rw,nosuid,nodev,noexec,relatime - cgroup cgroup rw,cpuset
            """));
  }

  @Test
  void aMountUnderAnotherIsHidden() throws IOException {
    Files.createDirectories(top.resolve("sys/fs/cgroup"));
    assertEquals(
        List.of(mount("/sys/fs/cgroup", "/", Scope.HIDDEN)),
        mounts(
            """
            35 24 0:30 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw
            36 35 0:31 / /sys/fs/cgroup rw - tmpfs tmpfs rw
            """));
  }

  @Test
  void whereNoneIsMountedThereIsNone() throws IOException {
    assertEquals(List.of(), mounts("22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"));
  }
}
