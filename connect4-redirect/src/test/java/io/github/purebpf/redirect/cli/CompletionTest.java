package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompletionTest {
  static Stream<Command> commands() {
    return Command.ALL.stream();
  }

  private static String script(String shell) {
    var result = Result.of("completion", shell);
    assertEquals(ExitCode.OK, result.exitCode(), result.err());
    return result.out();
  }

  @Test
  void anotherShellIsRefused() {
    var result = Result.of("completion", "bsh");
    assertEquals(ExitCode.USAGE, result.exitCode());
    assertTrue(result.onlyError().contains("did you mean bash?"), result.err());
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyShellKnowsEveryOptionAndItsChoices(Command command) {
    var syntax = command.syntax();
    var bash = script("bash");
    var zsh = script("zsh");
    var fish = script("fish");
    var words = new ArrayList<String>();
    syntax.allOptions().forEach(option -> words.add(option.name()));
    var all =
        bash.lines()
            .filter(line -> line.strip().startsWith(syntax.command() + ") words='"))
            .findFirst()
            .orElseThrow();
    for (var word : words) {
      assertTrue(all.contains(word), all);
      assertTrue(
          fish.contains(
              "'__fish_seen_subcommand_from %s' -l %s "
                  .formatted(syntax.command(), word.substring(2))),
          word);
    }
    int begin = zsh.indexOf("\n    " + syntax.command() + ")\n");
    var part = zsh.substring(begin, zsh.indexOf(";;", begin));
    for (var option : syntax.allOptions()) {
      assertTrue(part.contains(option.name()), part);
      if (!option.choices().isEmpty()) {
        assertTrue(part.contains("(" + String.join(" ", option.choices()) + ")"), part);
        var choices = "'" + String.join(" ", option.choices()) + "'";
        assertTrue(fish.contains(" -x -a " + choices), fish);
        assertTrue(
            bash.contains(
                "'%s %s') words=%s ;;".formatted(syntax.command(), option.name(), choices)),
            bash);
      }
    }
  }

  /** {@code demo} has a word that may be left out, {@code completion} some of which one may not. */
  @Test
  void everyShellKnowsTheWordsThatAnOperandIsOneOf() {
    assertTrue(
        script("bash").contains("\n          demo) words='consul --stacktrace --help' ;;\n"));
    var zsh = script("zsh");
    assertTrue(zsh.contains("'::consul:(consul)'\n"), zsh);
    assertTrue(zsh.contains("':bash|zsh|fish:(bash zsh fish)'\n"), zsh);
    assertTrue(script("fish").contains(" -n '__fish_seen_subcommand_from demo' -a 'consul'\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh", "fish"})
  void aLineHasNoQuoteThatIsOpen(String shell) {
    for (var line : script(shell).lines().toList()) {
      assertEquals(0, line.replace("'\\''", "").chars().filter(c -> c == '\'').count() % 2, line);
    }
  }

  @Test
  void theManualPageHasEverything() {
    var page = Result.of("man").out();
    for (var command : Command.ALL) {
      var syntax = command.syntax();
      int begin = page.indexOf("\n.SS " + ManPage.escape(syntax.command()) + "\n");
      assertTrue(begin >= 0, syntax.command());
      int end = page.indexOf("\n.S", begin + 1);
      var part = page.substring(begin, end);
      assertTrue(part.contains("\n" + ManPage.escape(syntax.usage()) + "\n"), part);
      for (var option : syntax.allOptions()) {
        assertTrue(part.contains("\n.B " + ManPage.escape(option.spelled()) + "\n"), part);
      }
    }
    for (var code : ExitCode.values()) {
      assertTrue(
          page.contains("\n.B %d\n%s\n".formatted(code.status(), ManPage.escape(code.meaning()))),
          page);
    }
  }

  @Test
  void aLineOfTheManualPageThatBeginsWithADotIsARequest() {
    assertEquals("\\&.SH", ManPage.escape(".SH"));
    assertEquals("a\\eb \\-\\- \\(dq", ManPage.escape("a\\b -- \""));
    var requests = List.of(".TH", ".SH", ".SS", ".PP", ".nf", ".fi", ".TP", ".B", ".BR", ".I");
    Result.of("man")
        .out()
        .lines()
        .filter(line -> line.startsWith(".") || line.startsWith("'"))
        .forEach(line -> assertTrue(requests.contains(line.split(" ", 2)[0]), line));
  }
}
