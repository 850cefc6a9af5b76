package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

@RequiresKernel
class NetworkNamespaceIT {
  private static Path identity() throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net"));
  }

  @Test
  void anActionRunsInsideAndTheCallerStaysOutside() throws IOException {
    var outside = identity();
    try (var namespace = NetworkNamespace.create()) {
      Path inside = namespace.call(NetworkNamespaceIT::identity);
      assertNotEquals(outside, inside);
      assertEquals(inside, namespace.call(NetworkNamespaceIT::identity), "the same each time");
      assertEquals(outside, identity());
    }
  }

  @Test
  void aNewOneHasOnlyALoopbackInterface() throws IOException {
    try (var namespace = NetworkNamespace.create()) {
      List<String> lines =
          namespace.call(() -> Files.readAllLines(Path.of("/proc/thread-self/net/dev")));
      var interfaces = lines.stream().skip(2).map(line -> line.strip().split(":", 2)[0]).toList();
      assertEquals(List.of("lo"), interfaces);
    }
  }

  @Test
  void whatTheActionThrowsArrives() {
    try (var namespace = NetworkNamespace.create()) {
      var thrown = new IOException("refused");
      assertEquals(
          thrown,
          assertThrows(
              IOException.class,
              () ->
                  namespace.call(
                      () -> {
                        throw thrown;
                      })));
    }
  }

  @Test
  void whatIsNoNamespaceIsRefused() {
    try (var file = NetworkNamespace.open(Path.of("/proc/self/status"))) {
      var e = assertThrows(KernelErrorException.class, () -> file.call(() -> 1));
      assertEquals("EINVAL", e.errnoName());
    }
    var e =
        assertThrows(
            KernelErrorException.class, () -> NetworkNamespace.open(Path.of("/run/netns/none")));
    assertEquals("ENOENT", e.errnoName());
  }

  @Test
  void aClosedOneCannotBeEntered() {
    var namespace = NetworkNamespace.create();
    namespace.close();
    assertThrows(IllegalStateException.class, () -> namespace.call(() -> 1));
  }
}
