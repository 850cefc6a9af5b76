package io.github.purebpf.tool;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The options and files behind a command. */
final class CommandLine {
  private static final String STDIN = "-";

  private final Map<Option, List<String>> values = new EnumMap<>(Option.class);
  private final List<String> files = new ArrayList<>();

  private CommandLine() {}

  /**
   * Takes {@code --option value} and {@code --option=value} in any order with files; behind {@code
   * --} there are only files.
   *
   * @param allowed what the command takes
   */
  static CommandLine parse(Set<Option> allowed, List<String> words) {
    var line = new CommandLine();
    for (int i = 0; i < words.size(); i++) {
      var word = words.get(i);
      if (word.equals("--")) {
        line.files.addAll(words.subList(i + 1, words.size()));
        break;
      } else if (!word.startsWith("-") || word.equals(STDIN)) {
        line.files.add(word);
      } else if (line.option(allowed, word, i + 1 < words.size() ? words.get(i + 1) : null)) {
        i++;
      }
    }
    return line;
  }

  /** Takes an option; true if its value is the next word. */
  private boolean option(Set<Option> allowed, String word, String next) {
    int equals = word.indexOf('=');
    var name = equals < 0 ? word : word.substring(0, equals);
    var option =
        allowed.stream()
            .filter(o -> o.word.equals(name))
            .findFirst()
            .orElseThrow(() -> new UsageException("there is no option " + name + " here"));
    if (!option.takesValue() && equals >= 0) {
      throw new UsageException(name + " takes no value");
    }
    if (option.takesValue() && equals < 0 && next == null) {
      throw new UsageException("the value is missing: " + option.spelled());
    }
    var given = values.computeIfAbsent(option, _ -> new ArrayList<>());
    if (!given.isEmpty() && !option.isRepeatable()) {
      throw new UsageException(name + " is given twice");
    }
    boolean isNext = option.takesValue() && equals < 0;
    given.add(isNext ? next : word.substring(equals + 1));
    return isNext;
  }

  boolean has(Option option) {
    return values.containsKey(option);
  }

  Optional<String> value(Option option) {
    return values(option).stream().findFirst();
  }

  List<String> values(Option option) {
    return values.getOrDefault(option, List.of());
  }

  /** The files; the standard input if none is named. */
  List<String> files() {
    return files.isEmpty() ? List.of(STDIN) : files;
  }

  static boolean isStdin(String file) {
    return file.equals(STDIN);
  }

  /** The choice that an option makes; the first one if it is not given. */
  <T> T choice(Option option, Function<T, String> wordOf, List<T> choices) {
    var value = value(option);
    if (value.isEmpty()) {
      return choices.getFirst();
    }
    return choices.stream()
        .filter(choice -> wordOf.apply(choice).equals(value.get()))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageException(
                    "%s %s: there are %s"
                        .formatted(
                            option.word,
                            value.get(),
                            choices.stream().map(wordOf).collect(Collectors.joining(", ")))));
  }
}
