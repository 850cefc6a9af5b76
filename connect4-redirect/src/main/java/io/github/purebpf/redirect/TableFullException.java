package io.github.purebpf.redirect;

import java.io.Serial;

/** There is no room for one more virtual address in the table; nothing was changed. */
public final class TableFullException extends IllegalStateException {
  @Serial private static final long serialVersionUID = 1;

  TableFullException(Throwable cause) {
    super("the table is full: %s; remove some first".formatted(cause.getMessage()), cause);
  }
}
