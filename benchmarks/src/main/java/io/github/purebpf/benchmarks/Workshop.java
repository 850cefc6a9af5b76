package io.github.purebpf.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compiles peers.
 *
 * @param sources {@code src/peers}
 * @param folder for what is compiled and written, which is there
 */
record Workshop(Path sources, Path folder) {
  /** A peer that packages are missing for. */
  static Peer.Missing missing(String key, String title, String packages) {
    return new Peer.Missing(key, title, install(packages));
  }

  /** What to do where packages are missing. */
  static String install(String packages) {
    return "not installed: apt-get install " + packages;
  }

  /** The version of a Debian package, where there is such a thing. */
  static String version(String packageName, String what) throws IOException, InterruptedException {
    if (Command.find("dpkg-query").isEmpty()) {
      return what;
    }
    var result =
        Command.run(List.of("dpkg-query", "-W", "-f", "${Version}", packageName), Map.of());
    return result.succeeded() ? what + " " + result.output() : what;
  }

  /** The file that a peer is compiled into. */
  Path program(String key) {
    return folder.resolve(key);
  }

  /** The command that compiles a C source into the file of a key. */
  List<String> cc(String key, String source, String... libraries) {
    var command =
        new ArrayList<>(
            List.of(
                "cc", "-O2", "-o", program(key).toString(), sources.resolve(source).toString()));
    command.addAll(List.of(libraries));
    return command;
  }

  /**
   * Compiles a peer.
   *
   * @param mode what it is started with, behind the arguments that all get
   */
  Peer compiled(
      String key,
      String title,
      String version,
      List<String> command,
      List<String> mode,
      Map<String, String> environment)
      throws IOException, InterruptedException {
    var problem = compile(command, environment);
    return problem.isPresent()
        ? new Peer.Missing(key, title, problem.get())
        : new Peer.Ready(key, title, version, List.of(program(key).toString()), mode);
  }

  /** Compiles something; why it does not compile, if so. */
  Optional<String> compile(List<String> command, Map<String, String> environment)
      throws IOException, InterruptedException {
    var result = Command.run(command, environment);
    return result.succeeded()
        ? Optional.empty()
        : Optional.of("does not compile: " + firstError(result.output()));
  }

  private static String firstError(String output) {
    return output
        .lines()
        .filter(line -> line.contains("error"))
        .findFirst()
        .orElseGet(() -> output.lines().findFirst().orElse("?"));
  }
}
