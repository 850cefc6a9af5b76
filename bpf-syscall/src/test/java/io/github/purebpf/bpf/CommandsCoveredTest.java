package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.internal.sys.Cmd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Each command that this library gives, other than to probe for it, is named in a test of exact
 * bytes: a new one does not come without.
 */
class CommandsCoveredTest {
  private static final String COMMANDS =
      EnumSet.allOf(Cmd.class).stream().map(Cmd::name).collect(Collectors.joining("|"));

  private static Set<Cmd> named(String folder, String pattern, Predicate<String> file)
      throws IOException {
    var found = EnumSet.noneOf(Cmd.class);
    var command = Pattern.compile(pattern.formatted(COMMANDS));
    try (var files = Files.walk(Path.of(folder))) {
      for (var path : files.filter(Files::isRegularFile).toList()) {
        boolean probes = path.getParent().endsWith("features");
        if (!probes && file.test(path.getFileName().toString())) {
          command
              .matcher(Files.readString(path))
              .results()
              .forEach(result -> found.add(Cmd.valueOf(result.group(1))));
        }
      }
    }
    return found;
  }

  @Test
  void everyCommandHasATestOfItsBytes() throws IOException {
    var given = named("src/main/java", "\\bCmd\\.(%s)\\b", name -> !name.equals("Cmd.java"));
    assertTrue(given.size() > 30, given::toString);
    var missing = EnumSet.copyOf(given);
    missing.removeAll(named("src/test/java", "\\b(%s)\\b", CommandsCoveredTest::looksAtBytes));
    assertEquals(Set.of(), missing);
  }

  private static boolean looksAtBytes(String file) {
    return file.endsWith("BytesTest.java") || file.equals("BpfTokenTest.java");
  }
}
