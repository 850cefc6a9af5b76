package io.github.purebpf.redirect.dataplane;

import java.io.Serial;

/** There is no room; nothing was changed. */
public final class NoRoomException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  NoRoomException(String message) {
    super(message);
  }
}
