package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.sys.Errno;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class DirectoryLockTest {
  private static final Path DIRECTORY = Path.of("/sys/fs/bpf/redirect");

  private final FakeKernel kernel = new FakeKernel();

  @Test
  void locksTheDirectoryAndHoldsItOpen() {
    try (var lock = DirectoryLock.tryAcquire(kernel, DIRECTORY).orElseThrow()) {
      assertEquals("open " + DIRECTORY + "/.", kernel.others.getFirst());
      assertEquals("lock of /sys/fs/bpf/redirect (fd 3)", lock.toString());
      assertEquals(Set.of(3), kernel.open);
    }
    assertEquals(Set.of(), kernel.open);
  }

  @Test
  void givesUpAtOnceOrAfterTheTime() {
    kernel.failLock = Errno.EAGAIN;
    assertEquals(Optional.empty(), DirectoryLock.tryAcquire(kernel, DIRECTORY));
    var e =
        assertThrows(
            TimeoutException.class,
            () -> DirectoryLock.acquire(kernel, DIRECTORY, Duration.ofMillis(3)));
    assertEquals(
        "/sys/fs/bpf/redirect was locked by another for all of PT0.003S; see /proc/locks",
        e.getMessage());
    assertTrue(kernel.others.stream().filter(call -> call.startsWith("flock")).count() > 2);
    assertEquals(Set.of(), kernel.open);
  }

  @Test
  void anInterruptEndsTheWait() {
    kernel.failLock = Errno.EAGAIN;
    Thread.currentThread().interrupt();
    assertThrows(
        InterruptedException.class,
        () -> DirectoryLock.acquire(kernel, DIRECTORY, Duration.ofDays(1)));
    assertFalse(Thread.currentThread().isInterrupted());
    assertEquals(Set.of(), kernel.open);
  }

  @Test
  void fileSystemsWithoutLocksAreNamed() {
    kernel.failLock = Errno.EOPNOTSUPP;
    var e =
        assertThrows(KernelErrorException.class, () -> DirectoryLock.tryAcquire(kernel, DIRECTORY));
    assertEquals(
        "flock of /sys/fs/bpf/redirect failed with EOPNOTSUPP (95): its file system has no locks",
        e.getMessage());
    assertEquals(Set.of(), kernel.open);
  }
}
