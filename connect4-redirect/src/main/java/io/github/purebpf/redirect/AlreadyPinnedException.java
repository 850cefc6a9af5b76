package io.github.purebpf.redirect;

import java.io.Serial;
import java.nio.file.Path;

/** The directory holds a table already, of a redirector that runs or that was killed. */
public final class AlreadyPinnedException extends IllegalStateException {
  @Serial private static final long serialVersionUID = 1;

  AlreadyPinnedException(Path pin) {
    super(
        pin
            + " exists: another redirector uses it, or was killed; if none runs, remove it: rm -r "
            + pin);
  }
}
