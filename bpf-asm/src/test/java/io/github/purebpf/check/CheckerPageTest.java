package io.github.purebpf.check;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CheckerPageTest {
  private static final Pattern ROW =
      Pattern.compile(
          "^\\| `([a-z-]+)` \\| (?:error|path|warning)[^|]* \\| [^|]+ \\| [^|]+ \\|$",
          Pattern.MULTILINE);

  @Test
  void thePageListsEveryRuleOnceWithSeverityExampleAndRemedy() throws IOException {
    var page = Files.readString(Path.of("../docs/checker.md"));
    List<String> listed = ROW.matcher(page).results().map(CheckerPageTest::name).sorted().toList();
    assertEquals(Stream.of(Rule.values()).map(Rule::id).sorted().toList(), listed);
  }

  private static String name(MatchResult row) {
    return row.group(1);
  }
}
