package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.cli.text.Suggestion;
import io.github.purebpf.redirect.cli.text.Words;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A command line that obeys a {@link Syntax}. */
final class Arguments {
  private final Map<String, List<String>> values;
  private final List<String> operands;

  private Arguments(Map<String, List<String>> values, List<String> operands) {
    this.values = values;
    this.operands = operands;
  }

  /**
   * Takes {@code --option value} and {@code --option=value}, in any order with the operands; behind
   * {@code --} everything is an operand.
   *
   * @throws CommandException with {@link ExitCode#USAGE}
   */
  static Arguments parse(Syntax syntax, List<String> words) {
    var values = new HashMap<String, List<String>>();
    var operands = new ArrayList<String>();
    var rest = words.iterator();
    while (rest.hasNext()) {
      var word = rest.next();
      if (word.equals("--")) {
        rest.forEachRemaining(operands::add);
      } else if (word.startsWith("-")) {
        option(syntax, word, rest, values);
      } else {
        operands.add(word);
      }
    }
    var arguments = new Arguments(values, operands);
    if (!arguments.has(Syntax.HELP)) {
      arguments.check(syntax);
    }
    return arguments;
  }

  private static void option(
      Syntax syntax, String word, Iterator<String> rest, Map<String, List<String>> values) {
    int equals = word.indexOf('=');
    var name = equals < 0 ? word : word.substring(0, equals);
    var option = syntax.option(name).orElseThrow(() -> wrong(syntax, unknown(syntax, name)));
    if (!option.takesValue() && equals >= 0) {
      throw wrong(syntax, name + " takes no value");
    }
    if (option.takesValue() && equals < 0 && !rest.hasNext()) {
      throw wrong(syntax, "the value is missing: " + option.spelled());
    }
    if (values.containsKey(name) && !option.occurs().isRepeatable()) {
      throw wrong(syntax, name + " is given twice");
    }
    var value = !option.takesValue() ? "" : equals < 0 ? rest.next() : word.substring(equals + 1);
    if (option.takesValue() && value.isEmpty()) {
      throw wrong(syntax, "the value is empty: " + option.spelled());
    }
    if (!option.choices().isEmpty() && !option.choices().contains(value)) {
      throw wrong(syntax, Words.unknown(option.value(), value, option.choices()));
    }
    values.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
  }

  private void check(Syntax syntax) {
    for (var option : syntax.options()) {
      if (option.occurs().isRequired() && !has(option)) {
        throw wrong(syntax, option.spelled() + " is missing");
      }
    }
    int most = syntax.operands().size();
    if (operands.size() > most) {
      throw wrong(syntax, "\"" + operands.get(most) + "\" is one argument too many");
    }
    if (operands.size() < most) {
      var next = syntax.operands().get(operands.size());
      if (!Syntax.mayBeLeftOut(next)) {
        throw wrong(syntax, next + " is missing");
      }
    }
  }

  private static String unknown(Syntax syntax, String name) {
    var known = syntax.allOptions().stream().map(Option::name).toList();
    return "there is no option "
        + name
        + Suggestion.of(name, known).map(near -> "; did you mean " + near + "?").orElse("");
  }

  private static CommandException wrong(Syntax syntax, String what) {
    return new CommandException(
        ExitCode.USAGE,
        "%s: %s (see %s %s --help)".formatted(syntax.command(), what, Main.NAME, syntax.command()));
  }

  boolean has(Option option) {
    return values.containsKey(option.name());
  }

  /** The value of an option that is given at most once. */
  Optional<String> value(Option option) {
    return values(option).stream().findFirst();
  }

  /** The values of an option in their order. */
  List<String> values(Option option) {
    return List.copyOf(values.getOrDefault(option.name(), List.of()));
  }

  /** Whether an operand is given that may be left out. */
  boolean hasOperand(int index) {
    return index < operands.size();
  }

  String operand(int index) {
    return operands.get(index);
  }
}
