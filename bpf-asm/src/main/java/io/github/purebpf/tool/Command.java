package io.github.purebpf.tool;

import java.util.ArrayList;
import java.util.Set;

/** One of the things that bpf-asm does. */
sealed interface Command permits AssembleCommand, CheckCommand, DisassembleCommand {
  String name();

  /** One line without a full stop. */
  String summary();

  /** What there is to know, in lines of at most 80 characters. */
  String description();

  Set<Option> options();

  /**
   * Does it.
   *
   * @return whether the input was without errors
   * @throws UsageException if the command line asks for nothing that can be done
   */
  boolean run(CommandLine line, Streams streams);

  /** What {@code --help} prints. */
  default String help() {
    var out = new StringBuilder();
    out.append("Usage: ").append(Main.NAME).append(' ').append(name());
    out.append(" [OPTION ...] [FILE ...]\n\n").append(summary()).append(".\n\n");
    out.append(description().stripTrailing()).append("\n\nOptions:\n");
    var options = new ArrayList<>(options());
    options.sort(null);
    for (var option : options) {
      out.append("  ").append(option.spelled());
      out.append(option.spelled().length() > 30 ? "\n" + " ".repeat(34) : pad(option.spelled()));
      out.append(option.help).append('\n');
    }
    return out + "\n" + Main.EXIT_STATUS;
  }

  private static String pad(String text) {
    return " ".repeat(32 - text.length());
  }
}
