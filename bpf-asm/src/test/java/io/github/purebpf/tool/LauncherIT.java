package io.github.purebpf.tool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The command as people start it: the launcher, in a checkout with the jar that was built. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class LauncherIT {
  @TempDir Path root;

  @BeforeEach
  void checkOut() throws IOException {
    var project = Path.of("..");
    Files.createDirectory(root.resolve("bin"));
    for (var file : List.of("pom.xml", "bin/bpf-asm", "bin/launch.sh")) {
      Files.copy(project.resolve(file), root.resolve(file));
    }
    var jars = Files.createDirectories(root.resolve("bpf-asm/target"));
    try (var built = Files.newDirectoryStream(Path.of("target"), "bpf-asm-*.jar")) {
      for (var jar : built) {
        Files.copy(jar, jars.resolve(jar.getFileName())); // newer than its sources, so not built
      }
    }
  }

  private Run run(String in, String... words) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("sh", root.resolve("bin/bpf-asm").toString()));
    command.addAll(List.of(words));
    return start(in, command);
  }

  private Run start(String in, List<String> command) throws IOException, InterruptedException {
    var input = Files.writeString(root.resolve("in"), in);
    var out = root.resolve("out");
    var err = root.resolve("err");
    var builder = new ProcessBuilder(command).directory(root.toFile());
    builder.environment().put("PUREBPF_JAVA_HOME", System.getProperty("java.home"));
    int status =
        builder
            .redirectInput(input.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start()
            .waitFor();
    return new Run(status, Files.readAllBytes(out), Files.readString(err));
  }

  @Test
  void doesWhatTheCommandDoes() throws IOException, InterruptedException {
    run("r0 = 1\nexit\n---\nexit", "assemble", "--each")
        .succeeds("b7000000010000009500000000000000\n9500000000000000\n");
    run("r0 = r11", "check", "--each")
        .finds("error: 1:6: \"r11\" is no register; there are r0 to r10\n", "");
    run("", "check", "a b", "*")
        .refuses("bpf-asm check: there is no file a b (see bpf-asm check --help)");
    var raw = run("r0 = -2139062144", "assemble", "--format", "raw");
    assertArrayEquals(new byte[] {(byte) 0xb7, 0, 0, 0, -128, -128, -128, -128}, raw.bytes());
  }

  /** In its manual, a line behind a dollar is a command, and what follows is what it prints. */
  @Test
  void doesWhatItsManualShows() throws IOException, InterruptedException {
    var page = Files.readString(Path.of("..", "docs", "bpf-asm.md"));
    int commands = 0;
    for (var block : page.split("```\n", -1)) {
      if (!block.startsWith("$ ")) {
        continue;
      }
      for (var step : block.substring(2).split("(?m)^\\$ ", -1)) {
        var command = step.substring(0, step.indexOf('\n'));
        var output = step.substring(step.indexOf('\n') + 1);
        if (command.startsWith("cat ")) {
          Files.writeString(root.resolve(command.substring(4)), output);
        } else {
          var run = start("", List.of("sh", "-c", command));
          assertEquals(output, run.out(), command);
          assertEquals("", run.err(), command);
          commands++;
        }
      }
    }
    assertEquals(4, commands);
  }

  @Test
  void aReaderThatGoesEndsItWithoutAWord() throws IOException, InterruptedException {
    var in = Files.writeString(root.resolve("in"), "exit\n---\n".repeat(100_000));
    var err = root.resolve("err");
    var builder =
        new ProcessBuilder("sh", root.resolve("bin/bpf-asm").toString(), "assemble", "--each");
    builder.environment().put("PUREBPF_JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("LC_ALL", "C");
    var process = builder.redirectInput(in.toFile()).redirectError(err.toFile()).start();
    try (var out = process.getInputStream()) {
      assertEquals("9500", new String(out.readNBytes(4), StandardCharsets.US_ASCII));
    }
    assertEquals(Main.READER_GONE, process.waitFor());
    assertEquals("", Files.readString(err));
  }
}
