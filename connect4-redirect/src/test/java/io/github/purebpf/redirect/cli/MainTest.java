package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  static Stream<Command> commands() {
    return Command.ALL.stream();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "-h", "help"})
  void helpListsEveryCommandAndEveryExitCode(String help) {
    var result = Result.of(help);
    assertEquals(ExitCode.OK, result.exitCode());
    assertEquals("", result.err());
    for (var command : Command.ALL) {
      var syntax = command.syntax();
      var line = "\n  %-15s  %s\n".formatted(syntax.command(), syntax.summary());
      assertTrue(result.out().contains(line), result.out());
    }
    for (var code : ExitCode.values()) {
      var line = "\n  %2d  %s\n".formatted(code.status(), code.meaning());
      assertTrue(result.out().contains(line), result.out());
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void aCommandExplainsItsOptions(Command command) {
    var result = Result.of(command.syntax().command(), "--help");
    assertEquals(ExitCode.OK, result.exitCode());
    assertTrue(result.out().startsWith("Usage: " + command.syntax().usage() + "\n\n"));
    for (var option : command.syntax().allOptions()) {
      assertTrue(result.out().contains("\n  " + option.spelled() + " "), result.out());
    }
    assertTrue(result.out().endsWith(Syntax.exitStatus()));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void aCommandRefusesAnUnknownOptionBeforeItDoesAnything(Command command) {
    var result = Result.of(command.syntax().command(), "--no-such-option");
    assertEquals(ExitCode.USAGE, result.exitCode());
    assertTrue(result.onlyError().contains("there is no option --no-such-option"), result.err());
  }

  @ParameterizedTest
  @MethodSource("commands")
  void helpFitsTheTerminal(Command command) {
    var description = command.syntax().description();
    assertTrue(description.lines().allMatch(line -> line.length() <= 80), description);
  }

  @Test
  void withoutACommandItPrintsTheHelpAsAnError() {
    var result = Result.of();
    assertEquals(ExitCode.USAGE, result.exitCode());
    assertEquals("", result.out());
    assertTrue(result.err().startsWith("Usage: connect4-redirect COMMAND"));
  }

  @Test
  void anUnknownCommandIsNamed() {
    var result = Result.of("frobnicate");
    assertEquals(ExitCode.USAGE, result.exitCode());
    assertEquals(
        "connect4-redirect: there is no command \"frobnicate\" (see connect4-redirect --help)",
        result.onlyError());
  }

  @Test
  void aCommandThatIsMisspelledIsGuessed() {
    assertTrue(Result.of("lits").onlyError().contains("did you mean list?"));
  }

  @Test
  void theVersionIsThatOfProgramJavaAndSystem() {
    var result = Result.of("--version");
    assertEquals(ExitCode.OK, result.exitCode());
    assertTrue(result.out().matches("connect4-redirect.*, Java 2[5-9].*, .+\n"), result.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "set --pin /p 1.2.3.4:80 | \"1.2.3.4:80\" names no server; write VIP:PORT=SERVER:PORT",
        "set --pin /p 1.2.3:80=1.2.3.4:80 | \"1.2.3\" is no IPv4 address",
        "set --pin /p 1.2.3.4:0=1.2.3.4:80 | \"0\" is no port",
        "set --pin /p 1.2.3.4:80=1.2.3.4:65536 | \"65536\" is no port",
        "set --pin /p [::1]:80=1.2.3.4:80 | this version redirects IPv4 only",
        "set --pin /p 1.2.3.4:80=[::1]:80 | this version redirects IPv4 only",
        "set 1.2.3.4:80=1.2.3.4:80 | --pin DIR is missing",
        "unset --pin /p 1.2.3.4 | has no port",
        "unset --pin /p | VIP:PORT is missing",
        "list | --pin DIR is missing",
        "run --cgroup /c | there is nothing to redirect; give --vip VIP:PORT=SERVER:PORT",
        "run --cgroup /c --pin /p --scope lsted | no SCOPE \"lsted\"; did you mean listed?",
        "run --cgroup /c --pin /p --list-cgroup /d | add --scope listed or not-listed",
        "set --pin /p 1.2.3.4:80=1.2.3.4:80*0 | \"0\" is no weight, a number from 1 to 65535",
        "set --pin /p 1.2.3.4:80=1.2.3.4:80, | \"\" has no port",
        "set --pin /p 1.2.3.4:80=1.2.3.4:80,1.2.3.4:80 | give it the double weight",
        "set --pin /p --policy fair 1.2.3.4:80= | no POLICY \"fair\"; it is one of least",
        "set --pin /p --polciy single 1.2.3.4:80= | no option --polciy; did you mean --policy?",
        "set --pin /p --no-server reject 1.2.3.4:80= | no ANSWER \"reject\"",
        "set --pin /p --keepalive 30/10 1.2.3.4:80= | \"30/10\" is no IDLE/INTERVAL/COUNT",
        "set --pin /p --keepalive 0/10/3 1.2.3.4:80= | is not from 1 to 32767 whole seconds",
        "set --pin /p --keepalive 1/1/128 1.2.3.4:80= | from 1 to 127 are possible",
        "run --vip 1.2.3.4:80=1.2.3.4:80 | missing: --cgroup DIR, --container ID or --follow DIR",
        "run --cgroup /c --match x --vip 1.2.3.4:80=1.2.3.4:80 | add --follow DIR",
        "run --cgroup /c --vip 1.2.3.4:80=1.2.3.4:8 --vip 1.2.3.4:80=1.2.3.4:9 | mapped twice",
        "attach --cgroup /c | --pin DIR is missing",
        "attach --pin /p --cgroup /c --vip 1.2.3.4:80 | \"1.2.3.4:80\" names no server",
        "attach --pin /p --vip 1.2.3.4:80=1.2.3.4:8 --vip 1.2.3.4:80= | mapped twice",
        "attach --pin /p --vip 1.2.3.4:80= --config /f | --config and --vip exclude each other",
        "attach --pin /p --peer-name --no-peer-name | exclude each other",
        "attach --pin /p --scope lsted | no SCOPE \"lsted\"; did you mean listed?",
        "detach --cgroup /c | --pin DIR is missing",
        "detach --pin /p /c | \"/c\" is one argument too many",
        "drain --pin /p 1.2.3.4:80 | SERVER:PORT is missing",
        "drain --pin /p 1.2.3.4:80 1.2.3.4 | drain: \"1.2.3.4\" has no port",
        "drain --pin /p --deadline 5d 1.2.3.4:80 1.2.3.4:8 | \"5d\" is no duration",
        "drain --pin /p --rate 0 1.2.3.4:80 1.2.3.4:8 | \"0\" is no number of connections",
        "rebalance --pin /p | VIP:PORT is missing",
        "rebalance --pin /p --share 10 1.2.3.4:80 | \"10\" is no share such as 10% or 0.5%",
        "envoy-bootstrap --node-id a --node-name b | name the address: --vip VIP:PORT, or --pin DIR",
        "envoy-bootstrap --vip 1.2.3.4:80 --node-id a --node-name b | --ca-file PATH is missing",
        "demo now | demo: there is no story \"now\"; it is one of consul",
        "demo consl | there is no story \"consl\"; did you mean consul?",
        "demo consul now | \"now\" is one argument too many"
      })
  void aWrongLineIsOneSentenceAndNothingElse(String line, String complaint) {
    var result = Result.of(line.split(" "));
    assertEquals(ExitCode.USAGE, result.exitCode());
    assertTrue(result.onlyError().contains(complaint), result.err());
  }

  @Test
  void theStackTraceIsPrintedOnlyWhenAskedFor() {
    String[] wrong = {"set", "--pin", "/p", "1.2.3:80=1.2.3.4:80"};
    assertFalse(Result.of(wrong).err().contains("\tat "));
    var asked = Arrays.copyOf(wrong, wrong.length + 1);
    asked[wrong.length] = "--stacktrace";
    var result = Result.of(asked);
    assertEquals(ExitCode.USAGE, result.exitCode());
    assertTrue(result.err().contains("\tat "), result.err());
  }
}
