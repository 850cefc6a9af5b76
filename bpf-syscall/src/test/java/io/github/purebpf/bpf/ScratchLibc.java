package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * A copy of the C library, so that probes of it see those processes alone that a test has started.
 *
 * @param file the copy
 */
record ScratchLibc(Path file) {
  private static final Pattern LIBC = Pattern.compile("(/\\S*/libc\\.so\\.6)$");

  /** Copies the library that this process uses. */
  static ScratchLibc in(Path folder) throws IOException {
    try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
      var libc =
          lines
              .map(LIBC::matcher)
              .filter(java.util.regex.Matcher::find)
              .map(match -> Path.of(match.group(1)))
              .findFirst()
              .orElseThrow();
      return new ScratchLibc(Files.copy(libc, folder.resolve("libc.so.6")));
    }
  }

  /** Runs a process that uses the copy, and calls setlocale at least once. */
  void use() throws IOException, InterruptedException {
    var builder = new ProcessBuilder("true", "--version").redirectErrorStream(true);
    builder.environment().put("LD_LIBRARY_PATH", file.getParent().toString());
    var process = builder.start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
  }
}
