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
import java.util.List;
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

  @Test
  void tellsTheStoryOfConsulAndLeavesNothing() throws IOException, InterruptedException {
    try (var demo = CommandProcess.start("demo", "consul")) {
      var story = demo.rest();
      assertEquals(0, demo.end(), story);
      for (var chapter :
          List.of(
              "Without the redirector",
              "A controller finds three servers",
              "Server B leaves",
              "Server D joins",
              "Consul goes away",
              "Even load at the end",
              "Nothing stays behind")) {
        assertTrue(story.contains(chapter), story);
      }
      assertTrue(story.contains("refused 24\n"), story);
      assertTrue(story.contains("those of server B → "), story);
      assertTrue(story.contains("All of it happened"), story);
      assertFalse(story.contains("\u001b"), "no colors where there is no terminal");
      assertFalse(Files.exists(cgroupOf(demo)));
    }
  }

  @Test
  void aStoryThatGoesWrongEndsWithAnErrorAndLeavesNothing()
      throws IOException, InterruptedException {
    try (var demo = CommandProcess.start("demo", "consul")) {
      demo.awaitLine("Server B leaves");
      Files.writeString(cgroupOf(demo).resolve("cgroup.kill"), "1");
      var story = demo.rest();
      assertEquals(ExitCode.DEMO.status(), demo.end(), story);
      assertTrue(story.contains("of the steps did not happen."), story);
      assertTrue(story.contains("demo: this did not happen: server A has 0 conn"), story);
      assertFalse(story.contains("Server D joins"), story);
      assertFalse(Files.exists(cgroupOf(demo)));
    }
  }

  @ParameterizedTest
  @CsvSource({"Without the redirector, KILL", "Consul goes away, KILL", "Server B leaves, TERM"})
  void theStoryOfConsulLeavesNothingWhenItIsKilled(String moment, String signal)
      throws IOException, InterruptedException {
    leavesNothing(moment, signal, "demo", "consul");
  }

  /** At three moments of the story, by a signal that can be handled and by one that cannot. */
  @ParameterizedTest
  @CsvSource({
    "server B, KILL", "Without the redirector, KILL", "Another process, KILL",
    "server B, TERM", "Without the redirector, TERM", "Another process, TERM"
  })
  void leavesNothingWhenItIsKilled(String moment, String signal)
      throws IOException, InterruptedException {
    leavesNothing(moment, signal, "demo");
  }

  private static void leavesNothing(String moment, String signal, String... words)
      throws IOException, InterruptedException {
    try (var demo = CommandProcess.start(words)) {
      demo.awaitLine(moment);
      demo.signal(signal);
      demo.end();
      var cgroup = cgroupOf(demo);
      Await.until(cgroup + " to vanish", () -> !Files.exists(cgroup));
    }
  }
}
