package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The files below {@code deploy}, given to the programs that they are for. */
@EnabledOnOs(OS.LINUX)
class DeploymentIT {
  private static final Path DEPLOY = Path.of("deploy").toAbsolutePath();
  private static final Path SYSTEMD_ANALYZE = Path.of("/usr/bin/systemd-analyze");
  private static final int LIMIT_SECONDS = 120;

  @TempDir private Path folder;

  /** What it printed, and that it ended well. */
  private String run(String... command) throws IOException, InterruptedException {
    var output = folder.resolve("output");
    var builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    var process = builder.start();
    try {
      assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), List.of(command)::toString);
      assertEquals(0, process.exitValue(), Files.readString(output));
      return Files.readString(output);
    } finally {
      process.destroyForcibly();
    }
  }

  private static Path classes(String module) {
    return Path.of("..", module, "target", "classes").toAbsolutePath().normalize();
  }

  @Test
  void theCommandRunsFromAFolderThatNeedsNoOtherJava() throws IOException, InterruptedException {
    var modules =
        Stream.of("bpf-asm", "bpf-syscall", "connect4-redirect")
            .map(module -> classes(module).toString())
            .collect(Collectors.joining(":"));
    var runtime = folder.resolve("runtime");
    run(DEPLOY.resolve("runtime.sh").toString(), runtime.toString(), modules);
    var version = run(runtime.resolve("bin/connect4-redirect").toString(), "--version");
    assertTrue(version.startsWith(Main.NAME), version);
    // As the unit and the image start it.
    var java = runtime.resolve("bin/java").toString();
    var main = "io.github.purebpf.redirect/io.github.purebpf.redirect.cli.Main";
    assertEquals(version, run(java, "-m", main, "--version"));
    assertTrue(Files.readString(DEPLOY.resolve("Containerfile")).contains(main));
    assertTrue(
        Files.readString(DEPLOY.resolve("systemd/connect4-redirect.service"))
            .contains("ExecStart=/opt/connect4-redirect/bin/java -m " + main + " \\\n"));
    // The kernel is called without a word of the JVM about native access.
    var doctor =
        new ProcessBuilder(java, "-m", main, "doctor", "--json").redirectErrorStream(true).start();
    try (var reader = doctor.inputReader(StandardCharsets.UTF_8)) {
      var findings = reader.readLine();
      assertTrue(findings.startsWith("{\"worst\":") && findings.endsWith("]}"), findings);
      var rest = reader.readAllAsString();
      assertTrue(rest.isEmpty() || rest.startsWith(Main.NAME + ": doctor: "), rest);
    } finally {
      doctor.destroyForcibly();
    }
    try (var files = Files.walk(runtime.resolve("lib"))) {
      assertTrue(files.noneMatch(file -> file.endsWith("libawt.so")), "a desktop is in it");
    }
  }

  @Test
  void systemdTakesTheUnitAndTheSettingsThatAddToIt() throws IOException, InterruptedException {
    assumeTrue(
        Files.isExecutable(SYSTEMD_ANALYZE),
        SYSTEMD_ANALYZE + " is missing: install systemd, or nobody has checked the unit");
    var unit =
        Files.readString(DEPLOY.resolve("systemd/connect4-redirect.service"))
            // It wants a program that exists.
            .replace("/opt/connect4-redirect/bin/java", "/bin/true");
    var file = Files.writeString(folder.resolve("connect4-redirect.service"), unit);
    assertEquals("", verified(file));
    var more = Files.createDirectory(folder.resolve("connect4-redirect.service.d"));
    var closing = Files.readString(DEPLOY.resolve("systemd/closing.conf"));
    Files.writeString(more.resolve("closing.conf"), closing);
    assertEquals("", verified(file));
    // Mistakes are told, in both files, so that nothing above means something.
    Files.writeString(file, unit.replace("ProtectSystem=strict", "ProtectSystem=mostly"));
    Files.writeString(
        more.resolve("closing.conf"),
        closing.replace("RestrictNamespaces=", "RestrictNamespaces=all-but-"));
    var complaint = verified(file);
    assertTrue(complaint.contains("mostly"), complaint);
    assertTrue(complaint.contains("all-but-net"), complaint);
  }

  private String verified(Path unit) throws IOException, InterruptedException {
    return run(SYSTEMD_ANALYZE.toString(), "verify", "--man=no", unit.toString());
  }
}
