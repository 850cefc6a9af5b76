package io.github.purebpf.redirect.cli;

import java.io.Serial;

/** The end of a command: how it ends, and the sentence that says why and what to do about it. */
final class CommandException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  private final ExitCode exitCode;

  CommandException(ExitCode exitCode, String message) {
    this(exitCode, message, null);
  }

  CommandException(ExitCode exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  ExitCode exitCode() {
    return exitCode;
  }
}
