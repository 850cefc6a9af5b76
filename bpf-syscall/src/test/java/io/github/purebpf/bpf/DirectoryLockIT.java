package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.testkit.RequiresKernel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RequiresKernel
class DirectoryLockIT {
  @TempDir private Path folder;

  /** A process that takes the lock, says so, and keeps it until it is told to go on. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] args) throws Exception {
      System.out.println("waits");
      try (var _ = DirectoryLock.acquire(Path.of(args[0]), Duration.ofSeconds(60))) {
        System.out.println("has it");
        int _ = System.in.read();
      }
    }
  }

  private ChildJvm holder() throws Exception {
    return ChildJvm.start(
        List.of(),
        ChildJvm.classPath(Holder.class).toList(),
        List.of(),
        Holder.class,
        folder.toString());
  }

  private static void excludeEachOther(Path directory) throws Exception {
    try (var one = DirectoryLock.acquire(directory, Duration.ZERO)) {
      assertEquals(Optional.empty(), DirectoryLock.tryAcquire(directory), one::toString);
      assertThrows(
          TimeoutException.class, () -> DirectoryLock.acquire(directory, Duration.ofMillis(5)));
    }
    DirectoryLock.tryAcquire(directory).orElseThrow().close();
  }

  @Test
  void twoOfOneProcessExcludeEachOther() throws Exception {
    excludeEachOther(folder);
    var other = Files.createDirectory(folder.resolve("other"));
    try (var one = DirectoryLock.acquire(folder, Duration.ZERO);
        var two = DirectoryLock.acquire(other, Duration.ZERO)) {
      assertTrue(!one.toString().equals(two.toString()), "each directory has its own");
    }
  }

  @Test
  void directoriesOfPinsCanBeLocked() throws Exception {
    try (var fs = BpfFs.mountDetached()) {
      excludeEachOther(fs.path());
      excludeEachOther(Files.createDirectory(fs.path().resolve("redirect")));
    }
  }

  @Test
  void theLockOfAProcessEndsWithIt() throws Exception {
    try (var first = holder()) {
      assertEquals("waits", first.readLine());
      assertEquals("has it", first.readLine());
      assertEquals(Optional.empty(), DirectoryLock.tryAcquire(folder));
      try (var second = holder()) {
        assertEquals("waits", second.readLine());
        assertTrue(ProcessHandle.of(first.pid()).orElseThrow().destroyForcibly()); // kill -9
        assertEquals("has it", second.readLine());
        assertEquals(Optional.empty(), DirectoryLock.tryAcquire(folder));
        second.writeLine();
        assertEquals(List.of(), second.finish());
      }
    }
    DirectoryLock.tryAcquire(folder).orElseThrow().close();
  }

  @Test
  void whatCannotBeLockedIsTold() throws Exception {
    var file = Files.createFile(folder.resolve("file"));
    var e = assertThrows(KernelErrorException.class, () -> DirectoryLock.tryAcquire(file));
    assertEquals(
        "open of " + file + " failed with ENOTDIR (20): it is no directory", e.getMessage());
    var absent = folder.resolve("absent");
    e = assertThrows(KernelErrorException.class, () -> DirectoryLock.tryAcquire(absent));
    assertEquals(
        "open of " + absent + " failed with ENOENT (2): there is no such directory",
        e.getMessage());
  }
}
