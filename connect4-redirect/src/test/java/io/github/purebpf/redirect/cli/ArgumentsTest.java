package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArgumentsTest {
  private static final Option DIR = new Option("--dir", "DIR", Option.Occurs.ONCE, "a folder");
  private static final Option MANY = new Option("--many", "X", Option.Occurs.AT_LEAST_ONCE, "some");
  private static final Option MAYBE = new Option("--maybe", "X", Option.Occurs.AT_MOST_ONCE, "one");
  private static final Option FLAG = Option.flag("--flag", "a flag");
  private static final Syntax SYNTAX =
      new Syntax(
          "test", "Test", List.of(DIR, MANY, MAYBE, FLAG), List.of("FIRST", "SECOND"), "Tests.");

  private static Arguments parse(String words) {
    return Arguments.parse(SYNTAX, List.of(words.split(" ")));
  }

  @Test
  void optionsAndOperandsComeInAnyOrder() {
    var arguments = parse("one --many=1 --dir /d --flag two --many 2");
    assertEquals(Optional.of("/d"), arguments.value(DIR));
    assertEquals(List.of("1", "2"), arguments.values(MANY));
    assertEquals(Optional.empty(), arguments.value(MAYBE));
    assertTrue(arguments.has(FLAG));
    assertFalse(arguments.has(Syntax.HELP));
    assertEquals("one", arguments.operand(0));
    assertEquals("two", arguments.operand(1));
  }

  @Test
  void aValueMayHoldAnEqualsSignOrBeginWithADash() {
    var arguments = parse("--dir=a=b --many --flag one two");
    assertEquals(Optional.of("a=b"), arguments.value(DIR));
    assertEquals(List.of("--flag"), arguments.values(MANY));
    assertFalse(arguments.has(FLAG));
  }

  @Test
  void behindTwoDashesEverythingIsAnOperand() {
    var arguments = parse("--dir d --many m -- --flag --dir");
    assertEquals("--flag", arguments.operand(0));
    assertEquals("--dir", arguments.operand(1));
  }

  @Test
  void helpNeedsNothingElse() {
    assertTrue(parse("--help").has(Syntax.HELP));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "one two --many m, --dir DIR is missing",
        "one two --dir d, --many X is missing",
        "one --dir d --many m, SECOND is missing",
        "one two three --dir d --many m, \"three\" is one argument too many",
        "one two --dir d --many m --dir e, --dir is given twice",
        "one two --dir d --many m --flag --flag, --flag is given twice",
        "one two --dir d --many m --what, there is no option --what",
        "one two --dir d --many m -x, there is no option -x",
        "one two --dir d --many m --fla, there is no option --fla; did you mean --flag?",
        "one two --dir d --many m --flag=yes, --flag takes no value",
        "one two --dir d --many, the value is missing: --many X",
        "one two --dir= --many m, the value is empty: --dir DIR"
      })
  void aWrongLineIsRefusedWithWords(String words, String complaint) {
    var e = assertThrows(CommandException.class, () -> parse(words));
    assertEquals(ExitCode.USAGE, e.exitCode());
    assertEquals("test: " + complaint + " (see connect4-redirect test --help)", e.getMessage());
  }

  @Test
  void theUsageLineTellsWhatMustBeGiven() {
    assertEquals(
        "connect4-redirect test --dir DIR --many X [--many ...] [--maybe X] [--flag] FIRST SECOND",
        SYNTAX.usage());
  }

  @Test
  void anOperandInBracketsMayBeLeftOut() {
    var syntax = new Syntax("test", "Test", List.of(), List.of("FIRST", "[one|two]"), "Tests.");
    assertFalse(Arguments.parse(syntax, List.of("a")).hasOperand(1));
    var both = Arguments.parse(syntax, List.of("a", "two"));
    assertTrue(both.hasOperand(1));
    assertEquals("two", both.operand(1));
    assertThrows(CommandException.class, () -> Arguments.parse(syntax, List.of()));
    assertThrows(
        CommandException.class, () -> Arguments.parse(syntax, List.of("a", "two", "three")));
    assertEquals("connect4-redirect test FIRST [one|two]", syntax.usage());
  }
}
