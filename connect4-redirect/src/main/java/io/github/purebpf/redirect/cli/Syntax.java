package io.github.purebpf.redirect.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a command is called, takes and does: the parser and the help both go by it.
 *
 * @param command the command's name
 * @param summary one line without a full stop
 * @param options its own options
 * @param operands what stands for each of its operands in the help, those in brackets, which may be
 *     left out, last; small letters, such as {@code bash|zsh}, are the words that it is one of
 * @param description what there is to know, in lines of at most 80 characters
 */
record Syntax(
    String command,
    String summary,
    List<Option> options,
    List<String> operands,
    String description) {
  static final Option HELP = Option.flag("--help", "explain and do nothing");
  static final Option STACKTRACE =
      Option.flag("--stacktrace", "on an error, print the Java stack trace as well");

  private static final Pattern WORDS = Pattern.compile("\\[?([a-z]+(?:\\|[a-z]+)*)]?");

  Syntax {
    options = List.copyOf(options);
    operands = List.copyOf(operands);
  }

  /** The command's own options and those that every command takes. */
  List<Option> allOptions() {
    var all = new ArrayList<>(options);
    all.add(STACKTRACE);
    all.add(HELP);
    return all;
  }

  Optional<Option> option(String name) {
    return allOptions().stream().filter(option -> option.name().equals(name)).findFirst();
  }

  static boolean mayBeLeftOut(String operand) {
    return operand.startsWith("[");
  }

  /** The words that an operand is one of; empty if it can be any. */
  static List<String> choices(String operand) {
    var words = WORDS.matcher(operand);
    return words.matches() ? List.of(words.group(1).split("\\|", -1)) : List.of();
  }

  /** {@code connect4-redirect unset --pin DIR VIP:PORT}. */
  String usage() {
    var words = new ArrayList<String>();
    words.add(Main.NAME);
    words.add(command);
    options.forEach(option -> words.add(option.usage()));
    words.addAll(operands);
    return String.join(" ", words);
  }

  String help() {
    var out = new StringBuilder("Usage: " + usage() + "\n\n" + summary + ".\n\n");
    out.append(description.stripTrailing()).append("\n\nOptions:\n");
    var all = allOptions();
    int width = all.stream().mapToInt(option -> option.spelled().length()).max().orElse(0);
    for (var option : all) {
      out.append("  %%-%ds  %%s%n".formatted(width).formatted(option.spelled(), option.help()));
    }
    return out + "\n" + exitStatus();
  }

  /** The table of exit codes. */
  static String exitStatus() {
    var out = new StringBuilder("Exit status:\n");
    for (var code : ExitCode.values()) {
      out.append("  %2d  %s%n".formatted(code.status(), code.meaning()));
    }
    return out.toString();
  }
}
