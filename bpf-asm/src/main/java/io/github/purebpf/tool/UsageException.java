package io.github.purebpf.tool;

import java.io.Serial;

/** A command line that asks for nothing that can be done; the message says what to write. */
final class UsageException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  UsageException(String message) {
    super(message);
  }
}
