package io.github.purebpf.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.channels.Selector;
import org.junit.jupiter.api.Test;

@RequiresKernel
class OpenFdsIT {
  @Test
  void countsTheDescriptorsOfThisProcess() throws IOException {
    var before = OpenFds.now();
    try (var _ = Selector.open()) {
      assertEquals(1, OpenFds.now().since(before).count("anon_inode:[eventpoll]"));
    }
    assertEquals(0, OpenFds.now().since(before).count("anon_inode:[eventpoll]"));
  }
}
