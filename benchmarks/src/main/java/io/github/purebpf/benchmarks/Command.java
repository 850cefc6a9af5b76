package io.github.purebpf.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Commands that are run to their end. */
final class Command {
  /**
   * How one ended.
   *
   * @param output of both streams
   */
  record Result(int status, String output) {
    boolean succeeded() {
      return status == 0;
    }
  }

  /** Not on the PATH of everybody who becomes root. */
  private static final String FOR_ROOT = "/usr/sbin:/sbin";

  private Command() {}

  /** Runs one and waits for it. */
  static Result run(List<String> command, Map<String, String> environment)
      throws IOException, InterruptedException {
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    var process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output.strip());
  }

  /** The file of one that is on the PATH; its name if it is not there. */
  static String path(String name) {
    return find(name).map(Path::toString).orElse(name);
  }

  /** The file of the first of some commands that is on the PATH. */
  static Optional<Path> find(String... names) {
    return Stream.of(names).flatMap(name -> found(name).stream()).findFirst();
  }

  private static Optional<Path> found(String name) {
    String path = System.getenv().getOrDefault("PATH", "") + ":" + FOR_ROOT;
    return Stream.of(path.split(":", -1))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
