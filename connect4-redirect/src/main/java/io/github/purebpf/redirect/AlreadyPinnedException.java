package io.github.purebpf.redirect;

import java.io.Serial;
import java.nio.file.Path;

/** The directory holds a table already, of a redirector that runs or that was killed. */
public final class AlreadyPinnedException extends IllegalStateException {
  @Serial private static final long serialVersionUID = 1;

  AlreadyPinnedException(Path pin) {
    this(
        pin
            + " exists: another redirector uses it, or was killed; if none runs, remove it: rm -r "
            + pin);
  }

  private AlreadyPinnedException(String message) {
    super(message);
  }

  /** What is there goes on without a process. */
  static AlreadyPinnedException persistent(Path pin) {
    return new AlreadyPinnedException(
        pin
            + " holds a redirector that needs no process; change that one (attach, set), or detach"
            + " it first");
  }
}
