package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.Cgroup2Mount.Scope;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.testkit.ScratchCgroup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The mounts of this machine, and those in a cgroup namespace. */
@RequiresKernel
class Cgroup2MountIT {
  /** The number that the kernel gives to the root of its hierarchy. */
  private static final long ROOT_INODE = 1;

  /**
   * Enters a cgroup, then a cgroup namespace whose root it is, mounts cgroup2 there, and does
   * something more before it starts the rest.
   */
  private static final String ENTER =
      """
      echo $$ > "$1/cgroup.procs"; export DIR="$2" MORE="$3"; shift 3
      exec unshare --cgroup --mount sh -ec 'mount -t cgroup2 none "$DIR"; eval "$MORE"; exec "$@"' sh "$@"
      """;

  /** The program of the child. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) throws IOException {
      for (var mount : Cgroup2Mount.all()) {
        System.out.println(
            "%s %s %s inode %s"
                .formatted(
                    mount.path(),
                    mount.root(),
                    mount.scope(),
                    inode(mount.path()) == ROOT_INODE ? "1" : "other"));
      }
      System.out.println("root " + Cgroup2.root());
      System.out.println("mount " + Cgroup2.mount());
    }
  }

  private static long inode(Path path) throws IOException {
    return ((Number) Files.getAttribute(path, "unix:ino")).longValue();
  }

  @TempDir private Path folder;

  @Test
  void theMountsOfThisMachineAreFoundAndTheRootIsTheRoot() throws Exception {
    var found = Cgroup2Mount.all();
    var findmnt =
        new ProcessBuilder("findmnt", "--types", "cgroup2", "--noheadings", "--raw", "-o", "TARGET")
            .start();
    var theirs =
        new String(findmnt.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .map(Path::of)
            .toList();
    assertEquals(0, findmnt.waitFor());
    assertEquals(theirs, found.stream().map(Cgroup2Mount::path).toList());
    assertEquals(theirs, Cgroup2.mounts());
    assertFalse(found.isEmpty());
    for (var mount : found) {
      if (mount.scope() != Scope.HIDDEN) {
        assertEquals(
            inode(mount.path()) == ROOT_INODE, mount.scope() == Scope.HIERARCHY, mount::toString);
      }
    }
    assertTrue(Cgroup2.mounts().contains(Cgroup2.mount()));
  }

  private List<String> inNamespace(ScratchCgroup cgroup, String more) throws Exception {
    var prefix =
        List.of("sh", "-c", ENTER, "sh", cgroup.path().toString(), folder.toString(), more);
    var classPath = ChildJvm.classPath(Child.class).toList();
    try (var child = ChildJvm.start(prefix, classPath, List.of(), Child.class)) {
      return child.finish();
    }
  }

  @Test
  void aMountMadeInANamespaceLooksLikeARootAndIsNone() throws Exception {
    try (var cgroup = ScratchCgroup.create()) {
      var hierarchy = Cgroup2.root().orElseThrow();
      var lines = new ArrayList<>(inNamespace(cgroup, ":"));
      assertTrue(lines.remove(folder + " / NAMESPACE inode other"), lines::toString);
      // The host's own mount is above the root of the namespace, and still the whole hierarchy.
      assertTrue(lines.remove(hierarchy + " /.. HIERARCHY inode 1"), lines::toString);
      assertTrue(lines.contains("root Optional[" + hierarchy + "]"), lines::toString);
    }
  }

  @Test
  void aContainerHasNoRoot() throws Exception {
    try (var cgroup = ScratchCgroup.create()) {
      var unmount = "umount '" + Cgroup2.root().orElseThrow() + "'";
      assertEquals(
          List.of(folder + " / NAMESPACE inode other", "root Optional.empty", "mount " + folder),
          inNamespace(cgroup, unmount));
    }
  }

  @Test
  void whatIsMountedOverIsPassedOver() throws Exception {
    try (var cgroup = ScratchCgroup.create()) {
      var hierarchy = Cgroup2.root().orElseThrow();
      var lines = inNamespace(cgroup, "mount -t tmpfs none '" + hierarchy + "'");
      // The root of a tmpfs has the number 1, too.
      assertTrue(lines.contains(hierarchy + " /.. HIDDEN inode 1"), lines::toString);
      assertTrue(lines.contains("root Optional.empty"), lines::toString);
      assertTrue(lines.contains("mount " + folder), lines::toString);
    }
  }
}
