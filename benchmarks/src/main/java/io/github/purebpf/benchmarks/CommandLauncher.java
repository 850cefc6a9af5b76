package io.github.purebpf.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The command as users start it from a checkout: {@code bin/connect4-redirect}.
 *
 * @param root of the checkout
 */
record CommandLauncher(Path root) {
  /** A training takes seconds; without its cache the command is slower and as right. */
  private static final Duration TRAINING = Duration.ofMinutes(1);

  private static final Duration PAUSE = Duration.ofMillis(50);

  static CommandLauncher in(Workshop workshop) {
    return new CommandLauncher(workshop.sources().resolve("../../..").normalize());
  }

  /** The script. */
  String script() {
    return root.resolve("bin/connect4-redirect").toString();
  }

  /** What the script is told: the JDK that everything is measured with. */
  static Map<String, String> environment() {
    return Map.of("PUREBPF_JAVA_HOME", System.getProperty("java.home"));
  }

  /** Lets it build itself and make its AOT cache, so that it starts as it does from then on. */
  Peer prepare() throws IOException, InterruptedException {
    var result = Command.run(List.of(script(), "--version"), environment());
    if (!result.succeeded()) {
      return new Peer.Missing(Peer.OWN, "purebpf", "it does not start: " + result.output());
    }
    long end = System.nanoTime() + TRAINING.toNanos();
    while (!isTrained() && System.nanoTime() < end) {
      Thread.sleep(PAUSE);
    }
    String cache = isTrained() ? "with" : "without";
    return new Peer.Ready(
        Peer.OWN,
        "purebpf",
        "bin/connect4-redirect, %s its AOT cache".formatted(cache),
        List.of(script()),
        List.of());
  }

  private boolean isTrained() throws IOException {
    var jar = Files.getLastModifiedTime(jar());
    try (var files =
        Files.walk(Files.createDirectories(root.resolve("connect4-redirect/target/start")))) {
      for (var file : files.filter(path -> path.toString().endsWith("-root.aot")).toList()) {
        if (Files.size(file) > 0 && Files.getLastModifiedTime(file).compareTo(jar) > 0) {
          return true;
        }
      }
      return false;
    }
  }

  private Path jar() throws IOException {
    try (var files = Files.newDirectoryStream(target(), "connect4-redirect-*.jar")) {
      for (var file : files) {
        String name = file.getFileName().toString();
        if (!name.endsWith("-sources.jar") && !name.endsWith("-javadoc.jar")) {
          return file;
        }
      }
    }
    throw new IOException("no jar in " + target());
  }

  private Path target() {
    return root.resolve("connect4-redirect/target");
  }
}
