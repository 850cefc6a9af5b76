package io.github.purebpf.redirect.cli;

import java.io.Serial;
import java.util.List;

/** The end of a command: how it ends, and the sentence that says why and what to do about it. */
final class CommandException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  private final ExitCode exitCode;

  /** Lines below the sentence, such as the place in a file. */
  private final transient List<String> detail;

  CommandException(ExitCode exitCode, String message) {
    this(exitCode, message, null);
  }

  CommandException(ExitCode exitCode, String message, Throwable cause) {
    this(exitCode, message, List.of(), cause);
  }

  CommandException(ExitCode exitCode, String message, List<String> detail, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
    this.detail = List.copyOf(detail);
  }

  List<String> detail() {
    return detail;
  }

  ExitCode exitCode() {
    return exitCode;
  }
}
