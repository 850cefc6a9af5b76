package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The page about the command tells what the command's own help tells. */
class CommandPageTest {
  private String page;

  @BeforeEach
  void read() throws IOException {
    page = Files.readString(Path.of("..", "docs", "command.md"));
  }

  @Test
  void hasEveryCommandWithItsUsageAndItsOptions() {
    for (var command : Command.ALL) {
      var syntax = command.syntax();
      assertTrue(page.contains("\n## " + syntax.command() + "\n"), syntax.command());
      assertTrue(page.contains("\n" + syntax.usage() + "\n"), syntax.usage());
      for (var option : syntax.options()) {
        assertTrue(page.contains("`" + option.spelled() + "`"), option.spelled());
      }
    }
  }

  @Test
  void hasEveryExitCode() {
    for (var code : ExitCode.values()) {
      var row = "\n| %d | %s |".formatted(code.status(), code.meaning());
      assertTrue(page.contains(row), row);
    }
  }
}
