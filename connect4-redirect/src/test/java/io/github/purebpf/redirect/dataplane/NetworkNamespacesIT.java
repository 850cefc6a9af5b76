package io.github.purebpf.redirect.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.bpf.NetworkNamespace;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.testkit.ScratchCgroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RequiresKernel
@NoLeakedFds
class NetworkNamespacesIT {
  private static final Path OWN = Path.of("/proc/thread-self/ns/net");

  @TempDir private Path folder;

  private static long inode(Path path) throws IOException {
    return (Long) Files.getAttribute(path, "unix:ino");
  }

  private static List<Long> inodes(NetworkNamespaces.Listing listing) {
    return listing.places().stream().map(NetworkNamespaces.Place::inode).toList();
  }

  private static Process sleeper() throws IOException {
    return new ProcessBuilder("cat").start();
  }

  @Test
  void eachIsListedOnceAndThatOfThisThreadFirst() throws Exception {
    try (var namespace = NetworkNamespace.create()) {
      var one = namespace.call(NetworkNamespacesIT::sleeper);
      var two = namespace.call(NetworkNamespacesIT::sleeper);
      try {
        var listing = NetworkNamespaces.all();
        var inodes = inodes(listing);
        assertEquals(inode(OWN), inodes.getFirst());
        assertEquals(inodes.size(), Set.copyOf(inodes).size());
        assertEquals(List.of(true), listing.places().stream().limit(1).map(p -> p.own()).toList());
        var place =
            listing.places().stream()
                .filter(p -> p.paths().contains(Path.of("/proc/" + one.pid() + "/ns/net")))
                .findFirst()
                .orElseThrow();
        assertTrue(place.paths().contains(Path.of("/proc/" + two.pid() + "/ns/net")));
        assertTrue(!place.own());
      } finally {
        one.destroyForcibly().waitFor();
        two.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void aSingleThreadMayBeInAnother() throws Exception {
    try (var namespace = NetworkNamespace.create()) {
      var entered = new CountDownLatch(1);
      var done = new CountDownLatch(1);
      var inside = new AtomicLong();
      var thread =
          Thread.ofPlatform()
              .start(
                  () ->
                      namespace.call(
                          () -> {
                            try {
                              inside.set(inode(OWN));
                              entered.countDown();
                              done.await();
                            } catch (IOException | InterruptedException e) {
                              throw new AssertionError(e);
                            }
                            return null;
                          }));
      entered.await();
      try {
        assertTrue(inodes(NetworkNamespaces.all()).contains(inside.get()));
      } finally {
        done.countDown();
        thread.join();
      }
    }
  }

  @Test
  void oneThatHasANameIsListedAndAFileThatIsNoneIsNot() throws Exception {
    try (var namespace = NetworkNamespace.create()) {
      namespace.withFd(
          fd -> {
            try {
              var here = Path.of("/proc/self/fd/" + fd);
              Files.createSymbolicLink(folder.resolve("blue"), here);
              Files.createFile(folder.resolve("plain"));
              var nowhere = Files.createDirectory(folder.resolve("proc"));
              var listing = NetworkNamespaces.all(nowhere, folder);
              assertEquals(List.of(inode(OWN), inode(here)), inodes(listing));
              assertEquals(List.of(), listing.hidden());
              return null;
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          });
    }
  }

  @Test
  void oneThatIsGoneIsSkippedWithoutAWord() throws Exception {
    Process process;
    try (var namespace = NetworkNamespace.create()) {
      process = namespace.call(NetworkNamespacesIT::sleeper);
    }
    NetworkNamespaces.Listing listing;
    try {
      listing = NetworkNamespaces.all();
      assertTrue(paths(listing).contains(Path.of("/proc/" + process.pid() + "/ns/net")));
    } finally {
      process.destroyForcibly().waitFor();
    }
    // The thread of the JDK that waits for the process may still be in its namespace.
    var path = Path.of("/proc/" + process.pid() + "/ns/net");
    var gone = new NetworkNamespaces.Place(1, List.of(path), false);
    listing = new NetworkNamespaces.Listing(List.of(gone), List.of());
    try (var dataplane = Dataplane.create();
        var search = SocketSearch.in(listing, dataplane, _ -> true)) {
      assertEquals(List.of(), search.found());
      assertEquals(listing.hidden(), search.unreachable());
    }
  }

  private static List<Path> paths(NetworkNamespaces.Listing listing) {
    return listing.places().stream().flatMap(place -> place.paths().stream()).toList();
  }

  @Test
  void thoseOfACgroupAreThoseOfItsProcesses() throws Exception {
    try (var cgroup = ScratchCgroup.create();
        var namespace = NetworkNamespace.create()) {
      var child = cgroup.child("child");
      var process = namespace.call(() -> cgroup.execIn(child, List.of("cat")));
      // The shell that becomes cat has entered the cgroup when it answers.
      process.outputWriter().write("\n");
      process.outputWriter().flush();
      assertEquals("", process.inputReader().readLine());
      var path = Path.of("/proc/" + process.pid() + "/ns/net");
      long id = Cgroup2.require(child).id();
      assertEquals(List.of(inode(OWN), inode(path)), inodes(NetworkNamespaces.of(Set.of(id))));
      long none = Cgroup2.require(cgroup.path()).id();
      assertEquals(List.of(inode(OWN)), inodes(NetworkNamespaces.of(Set.of(none))));
      process.destroyForcibly().waitFor();
    }
  }
}
