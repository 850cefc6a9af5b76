package io.github.purebpf.redirect;

import java.io.Serial;

/** Somebody listens to the events of a table already. */
public final class EventsTakenException extends IllegalStateException {
  @Serial private static final long serialVersionUID = 1;

  EventsTakenException() {
    super(
        "somebody listens to the events of this table, and one at a time can; end that, and if he"
            + " was killed, wait five seconds");
  }
}
