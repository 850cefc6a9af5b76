package io.github.purebpf.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

@RequiresKernel
class ScratchCgroupIT {
  @Test
  void runsCommandsInside() throws Exception {
    try (var cgroup = ScratchCgroup.create()) {
      var cat = cgroup.exec(List.of("cat", "/proc/self/cgroup"));
      assertEquals("0::/" + cgroup.path().getFileName(), v2Line(cat));
      assertEquals(0, cat.waitFor());
    }
  }

  @Test
  void runsCommandsInAChild() throws Exception {
    try (var cgroup = ScratchCgroup.create()) {
      var cat = cgroup.execIn(cgroup.child("inner"), List.of("cat", "/proc/self/cgroup"));
      assertEquals("0::/" + cgroup.path().getFileName() + "/inner", v2Line(cat));
    }
  }

  @Test
  void refusesToRunACommandElsewhere() throws IOException {
    try (var cgroup = ScratchCgroup.create()) {
      Path root = cgroup.path().resolve("..");
      assertThrows(IllegalArgumentException.class, () -> cgroup.execIn(root, List.of("true")));
    }
  }

  @Test
  void closingKillsAndRemoves() throws Exception {
    var cgroup = ScratchCgroup.create();
    Process sleeper;
    try (cgroup) {
      Path inner = cgroup.child("inner");
      sleeper = cgroup.execIn(inner, List.of("sleep", "1000"));
      Await.until("the process to be inside", () -> !lines(inner, "cgroup.procs").isEmpty());
    }
    assertFalse(Files.exists(cgroup.path()));
    assertEquals(128 + 9, sleeper.waitFor());
  }

  @Test
  void twoDoNotMeet() throws IOException {
    try (var one = ScratchCgroup.create();
        var other = ScratchCgroup.create()) {
      assertFalse(one.path().equals(other.path()));
      assertTrue(Files.isDirectory(one.path()) && Files.isDirectory(other.path()));
    }
  }

  @Test
  void nothingStaysWhenTheJvmIsKilled() throws Exception {
    var jvm =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                Victim.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Path cgroup;
    ProcessHandle sleeper;
    try (var reader = jvm.inputReader(StandardCharsets.UTF_8)) {
      cgroup = Path.of(reader.readLine());
      sleeper = ProcessHandle.of(Long.parseLong(reader.readLine())).orElseThrow();
    } finally {
      jvm.destroyForcibly();
    }
    Await.until("the cgroup to go", () -> !Files.exists(cgroup));
    Await.until("the process inside to end", () -> !sleeper.isAlive());
  }

  /** Makes a cgroup with a process inside, says so, and waits to be killed. */
  static final class Victim {
    public static void main(String[] args) throws Exception {
      var cgroup = ScratchCgroup.create();
      Path inner = cgroup.child("inner");
      var sleeper = cgroup.execIn(inner, List.of("sleep", "1000"));
      Await.until("the process to be inside", () -> !lines(inner, "cgroup.procs").isEmpty());
      System.out.println(cgroup.path());
      System.out.println(sleeper.pid());
      int ignored = System.in.read();
      throw new IllegalStateException("nobody killed this process, but it read " + ignored);
    }

    private Victim() {}
  }

  private static String v2Line(Process cat) throws IOException {
    try (var reader = cat.inputReader(StandardCharsets.UTF_8)) {
      return reader.lines().filter(line -> line.startsWith("0::")).findFirst().orElseThrow();
    }
  }

  private static List<String> lines(Path cgroup, String file) {
    try {
      return Files.readAllLines(cgroup.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
