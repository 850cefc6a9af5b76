package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@RequiresKernel
class DemoIT {
  private static Path cgroupOf(CommandProcess demo) {
    return Cgroup2.mount().resolve("connect4-redirect-demo-" + demo.pid());
  }

  @Test
  void tellsTheWholeStoryAndLeavesNothing() throws IOException, InterruptedException {
    try (var demo = CommandProcess.start("demo")) {
      var story = demo.rest();
      assertEquals(0, demo.end(), story);
      assertTrue(story.matches("(?s).* refused\\n.* served A\\n.* served B\\n.*"), story);
      assertTrue(story.contains("All of it happened"), story);
      assertFalse(story.contains("\u001b"), "no colors where there is no terminal");
      assertFalse(Files.exists(cgroupOf(demo)));
    }
  }

  /** At three moments of the story, by a signal that can be handled and by one that cannot. */
  @ParameterizedTest
  @CsvSource({
    "server B, KILL", "Without the redirector, KILL", "Another process, KILL",
    "server B, TERM", "Without the redirector, TERM", "Another process, TERM"
  })
  void leavesNothingWhenItIsKilled(String moment, String signal)
      throws IOException, InterruptedException {
    try (var demo = CommandProcess.start("demo")) {
      demo.awaitLine(moment);
      demo.signal(signal);
      demo.end();
      var cgroup = cgroupOf(demo);
      Await.until(cgroup + " to vanish", () -> !Files.exists(cgroup));
    }
  }
}
