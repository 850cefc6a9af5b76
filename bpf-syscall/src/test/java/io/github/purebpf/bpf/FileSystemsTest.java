package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.BpfException;
import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Privileges;
import io.github.purebpf.insn.KernelVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSystemsTest {
  @TempDir private Path dir;

  private final FakeKernel kernel = new FakeKernel();

  @Test
  void aCgroup2DirectoryIsTaken() {
    assertEquals(dir, Cgroup2.require(kernel, dir).path());
  }

  @Test
  void whatIsNoCgroup2DirectoryIsRefusedWithItsReason() throws IOException {
    var file = Files.createFile(dir.resolve("file"));
    assertRefused(dir.resolve("none"), "the cgroup " + dir.resolve("none") + " does not exist");
    assertRefused(file, file + " is no directory");
    kernel.fileSystem = 0x27e0eb;
    assertRefused(dir, dir + " is a cgroup of version 1; ");
    kernel.fileSystem = 0xef53;
    assertRefused(dir, dir + " is not in a cgroup file system; ");
  }

  private void assertRefused(Path path, String beginning) {
    var e = assertThrows(NotCgroup2Exception.class, () -> Cgroup2.require(kernel, path));
    assertTrue(e.getMessage().startsWith(beginning), e.getMessage());
  }

  @Test
  void aPinGoesToABpfFileSystemOnly() {
    var map = BpfMap.create(kernel, Fixtures.SERVICES_SPEC);
    var e = assertThrows(IllegalArgumentException.class, () -> map.pin(dir.resolve("m")));
    assertEquals(dir + " is on no BPF file system; mount -t bpf bpf " + dir, e.getMessage());
    var absent = dir.resolve("absent");
    assertThrows(IllegalArgumentException.class, () -> map.pin(absent.resolve("m")));
    kernel.fileSystem = FakeKernel.BPF_FS;
    var dot = assertThrows(IllegalArgumentException.class, () -> map.pin(dir.resolve("m.1")));
    assertTrue(dot.getMessage().endsWith("takes no dots in names"), dot.getMessage());
    map.pin(dir.resolve("m"));
  }

  @Test
  void unpinRemovesPinsAndNothingElse() throws IOException {
    var pin = Files.createFile(dir.resolve("pin"));
    assertThrows(IllegalArgumentException.class, () -> BpfFs.unpin(kernel, pin));
    assertTrue(Files.exists(pin));
    kernel.fileSystem = FakeKernel.BPF_FS;
    assertTrue(BpfFs.unpin(kernel, pin));
    assertFalse(BpfFs.unpin(kernel, pin));
  }

  @Test
  void aDetachedMountIsMadeInThreeStepsAndClosedOnce() {
    var fs = BpfFs.mountDetached(kernel);
    assertEquals(List.of("fsopen bpf", "fsconfig 3", "fsmount 3", "close 3"), kernel.others);
    assertEquals(Path.of("/proc", "" + ProcessHandle.current().pid(), "fd", "4"), fs.path());
    fs.close();
    fs.close();
    assertEquals(5, kernel.others.size());
    assertTrue(kernel.open.isEmpty());
  }

  @Test
  void aDetachedMountThatFailsLeavesNothingOpenAndSaysWhatItNeeds() {
    kernel.failMount = Errno.EPERM;
    kernel.privileges = new Privileges(1L << 39 | 1L << 12, true, false, 2);
    var e = assertThrows(MissingPrivilegeException.class, () -> BpfFs.mountDetached(kernel));
    assertEquals(Set.of(Capability.CAP_SYS_ADMIN), e.needed());
    assertEquals("fsmount", e.command());
    assertTrue(kernel.open.isEmpty());

    kernel.failMount = Errno.ENOSYS;
    kernel.release = new KernelVersion(5, 1);
    var old = assertThrows(BpfException.class, () -> BpfFs.mountDetached(kernel));
    assertEquals(
        new KernelVersion(5, 2), assertInstanceOf(UnsupportedKernelException.class, old).since());
  }
}
