package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.TableBusyException;
import java.util.List;

/** How drain and rebalance say that they have not done all. */
final class Failures {
  private Failures() {}

  /** The end of a command in the middle of its work, because the table was changed meanwhile. */
  static RuntimeException left(String command, RuntimeException e) {
    return e instanceof TableBusyException
        ? e
        : new CommandException(ExitCode.LEFT, command + ": " + e.getMessage(), e);
  }

  /** Leads to the lines below a sentence, which say where connections may be. */
  static String where(List<String> unreachable) {
    return unreachable.isEmpty() ? "; in no namespace that can be seen" : "; not reached were:";
  }
}
