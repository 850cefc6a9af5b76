package io.github.purebpf.redirect.cli;

/**
 * An option of a command.
 *
 * @param name with its dashes, such as {@code --pin}
 * @param value what stands for its value in the help; empty if it takes none
 * @param occurs how often it may be given
 * @param help one line
 */
record Option(String name, String value, Occurs occurs, String help) {
  enum Occurs {
    AT_MOST_ONCE,
    ONCE,
    AT_LEAST_ONCE
  }

  static Option flag(String name, String help) {
    return new Option(name, "", Occurs.AT_MOST_ONCE, help);
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
    };
  }
}
