package io.github.purebpf.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * A program of this machine whose output ours is compared with. Where it is not installed, the test
 * is aborted and says so; with the environment variable PUREBPF_REQUIRE_KERNEL=1 it fails.
 */
public record Oracle(Path executable) {
  private static final String REQUIRE = "PUREBPF_REQUIRE_KERNEL";

  /** The program of a name on the path. */
  public static Oracle find(String name) {
    for (var folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      var executable = Path.of(folder, name);
      if (Files.isExecutable(executable)) {
        return new Oracle(executable);
      }
    }
    var reason = name + " is not installed, so nothing is compared with it";
    if ("1".equals(System.getenv(REQUIRE))) {
      fail(reason + "; " + REQUIRE + "=1 forbids to skip");
    }
    System.out.println(reason);
    return Assumptions.abort(reason);
  }

  /** Runs it on an input, in a folder, and returns its output, without complaints. */
  public String run(Path folder, String input, String... arguments)
      throws IOException, InterruptedException {
    var in = Files.writeString(folder.resolve("oracle.in"), input);
    var out = folder.resolve("oracle.out");
    var complaints = folder.resolve("oracle.err");
    var command = new ArrayList<>(List.of(executable.toString()));
    command.addAll(List.of(arguments));
    int exit =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(complaints.toFile())
            .start()
            .waitFor();
    var errors = Files.readString(complaints);
    assertEquals("", errors.substring(0, Math.min(errors.length(), 4000)), command.toString());
    assertEquals(0, exit, command.toString());
    return Files.readString(out);
  }
}
