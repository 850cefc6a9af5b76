package io.github.purebpf.redirect.cli;

import java.util.List;

/**
 * An option of a command.
 *
 * @param name with its dashes, such as {@code --pin}
 * @param value what stands for its value in the help; empty if it takes none
 * @param occurs how often it may be given
 * @param help one line
 * @param choices the values that there are; empty if it can be any
 */
record Option(String name, String value, Occurs occurs, String help, List<String> choices) {
  enum Occurs {
    AT_MOST_ONCE,
    ONCE,
    AT_LEAST_ONCE,
    ANY_NUMBER;

    boolean isRequired() {
      return this == ONCE || this == AT_LEAST_ONCE;
    }

    boolean isRepeatable() {
      return this == AT_LEAST_ONCE || this == ANY_NUMBER;
    }
  }

  Option {
    choices = List.copyOf(choices);
  }

  Option(String name, String value, Occurs occurs, String help) {
    this(name, value, occurs, help, List.of());
  }

  static Option flag(String name, String help) {
    return new Option(name, "", Occurs.AT_MOST_ONCE, help);
  }

  /** One that takes a value and may be left out. */
  static Option optional(String name, String value, String help) {
    return new Option(name, value, Occurs.AT_MOST_ONCE, help);
  }

  /** One whose value is one of some words, and that may be left out. */
  static Option choice(String name, String value, List<String> choices, String help) {
    return new Option(name, value, Occurs.AT_MOST_ONCE, help, choices);
  }

  boolean takesValue() {
    return !value.isEmpty();
  }

  /** {@code --pin DIR}. */
  String spelled() {
    return takesValue() ? name + " " + value : name;
  }

  /** As the usage line shows it: brackets around what may be left out. */
  String usage() {
    return switch (occurs) {
      case AT_MOST_ONCE -> "[" + spelled() + "]";
      case ONCE -> spelled();
      case AT_LEAST_ONCE -> spelled() + " [" + name + " ...]";
      case ANY_NUMBER -> "[" + spelled() + " ...]";
    };
  }
}
