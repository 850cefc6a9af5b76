package io.github.purebpf.bpf.internal.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as people start it: the launcher, in a checkout with the jars that were built. */
@RequiresKernel
class LauncherIT {
  @TempDir private Path root;

  /** How the command ended. */
  private record Run(int status, String out, String err) {}

  @BeforeEach
  void checkOut() throws IOException {
    var everybody = PosixFilePermissions.fromString("rwxr-xr-x");
    Files.setPosixFilePermissions(root, everybody);
    var project = Path.of("..");
    Files.createDirectory(root.resolve("bin"));
    for (var file : List.of("pom.xml", "bin/bpf-features", "bin/launch.sh")) {
      Files.copy(project.resolve(file), root.resolve(file));
    }
    for (var module : List.of("bpf-asm", "bpf-syscall")) {
      var jars = Files.createDirectories(root.resolve(module, "target"));
      try (var built = Files.newDirectoryStream(project.resolve(module, "target"), "*.jar")) {
        for (var jar : built) {
          Files.copy(jar, jars.resolve(jar.getFileName())); // newer than its sources, so not built
        }
      }
    }
  }

  private Run run(List<String> prefix, String... words) throws IOException, InterruptedException {
    var command = new ArrayList<>(prefix);
    command.addAll(List.of("sh", root.resolve("bin/bpf-features").toString()));
    command.addAll(List.of(words));
    var out = root.resolve("out");
    var err = root.resolve("err");
    var builder = new ProcessBuilder(command).directory(root.toFile());
    builder.environment().put("PUREBPF_JAVA_HOME", System.getProperty("java.home"));
    int status = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start().waitFor();
    return new Run(status, Files.readString(out), Files.readString(err));
  }

  @Test
  void printsTheReport() throws IOException, InterruptedException {
    var text = run(List.of());
    assertEquals("", text.err());
    assertEquals(Main.OK, text.status());
    assertTrue(text.out().startsWith("kernel  "), text.out());
    assertTrue(
        text.out().contains("  BPF_MAP_TYPE_HASH                          3.19  available\n"),
        text.out());
    var json = run(List.of(), "--json");
    assertEquals("", json.err());
    assertEquals(Main.OK, json.status());
    assertTrue(json.out().startsWith("{\n  \"format\": 1,\n"), json.out());
    assertTrue(json.out().endsWith("}\n"), json.out());
  }

  @Test
  void anOrdinaryUserIsToldWhatCouldNotBeProbed() throws IOException, InterruptedException {
    var nobody =
        List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all");
    var run = run(nobody);
    assertEquals("", run.err());
    assertEquals(Main.OK, run.status());
    assertTrue(
        run.out().contains("capabilities                none of those for BPF\n"), run.out());
    assertTrue(
        run.out()
            .contains(
                "  BPF_MAP_TYPE_LRU_HASH                      4.10  forbidden: needs CAP_BPF;"
                    + " this thread lacks CAP_BPF"),
        run.out());
    assertTrue(run.out().contains("commands: "), run.out());
    assertTrue(
        run.out().contains("map types: 0 of 33 available, 33 could not be probed\n"), run.out());
    var json = run(nobody, "--json");
    assertEquals(Main.OK, json.status());
    assertTrue(json.out().contains("\"outcome\": \"forbidden\""), json.out());
  }

  @Test
  void aWrongOptionIsRefused() throws IOException, InterruptedException {
    assertEquals(
        new Run(
            Main.USAGE, "", "bpf-features: there is no option --jsom (see bpf-features --help)\n"),
        run(List.of(), "--jsom"));
  }
}
