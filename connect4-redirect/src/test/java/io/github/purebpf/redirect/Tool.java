package io.github.purebpf.redirect;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A program of others that a test takes for an oracle. Without it the test is skipped, and fails
 * where {@code PUREBPF_REQUIRE_KERNEL=1} demands that none is.
 */
public final class Tool {
  private final Path program;

  private Tool(Path program) {
    this.program = program;
  }

  public static Tool require(String name) {
    var folders = (System.getenv("PATH") + ":/usr/sbin:/sbin").split(":", -1);
    var found = Stream.of(folders).map(f -> Path.of(f, name)).filter(Files::isExecutable);
    return found
        .findFirst()
        .map(Tool::new)
        .orElseGet(
            () -> {
              var missing = name + " is missing; install it to compare with it";
              if ("1".equals(System.getenv("PUREBPF_REQUIRE_KERNEL"))) {
                throw new AssertionError(missing);
              }
              System.err.println(missing);
              return Assumptions.abort(missing);
            });
  }

  /** Runs it, fails unless it succeeds, and returns what it printed. */
  public String run(String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(arguments));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), () -> String.join(" ", command) + ": " + output);
    return output;
  }
}
