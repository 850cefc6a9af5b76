package io.github.purebpf.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Asks {@code bpftool} how others see what a test has made. */
public final class Bpftool {
  private static final String REQUIRE = "PUREBPF_REQUIRE_KERNEL";

  private Bpftool() {}

  /**
   * What it prints.
   *
   * <p>Where it is not installed, the test is aborted; with the environment variable {@code
   * PUREBPF_REQUIRE_KERNEL=1} it fails.
   *
   * @throws IllegalStateException if it fails; the message holds its words
   */
  public static String run(String... arguments) {
    var tool = find(System.getenv("PATH"));
    if (tool.isEmpty()) {
      String missing = "bpftool is not installed; get it from your distribution";
      if ("1".equals(System.getenv(REQUIRE))) {
        throw new IllegalStateException(missing + "; " + REQUIRE + "=1 forbids to skip");
      }
      Assumptions.abort(missing);
    }
    var command = new ArrayList<>(List.of(tool.get().toString()));
    command.addAll(List.of(arguments));
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      if (status != 0) {
        throw new IllegalStateException(command + " ended with " + status + ": " + output);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(command + " was interrupted", e);
    }
  }

  /** Also where only root's path leads. */
  static Optional<Path> find(String path) {
    return Stream.concat(
            Stream.ofNullable(path).flatMap(folders -> Stream.of(folders.split(":"))),
            Stream.of("/usr/sbin", "/usr/local/sbin", "/sbin"))
        .map(folder -> Path.of(folder, "bpftool"))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
