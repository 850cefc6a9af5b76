package io.github.purebpf.redirect;

import java.io.Serial;
import java.nio.file.Path;

/** Another controller has taken the pinned redirector over; nothing was changed. */
public final class TakenOverException extends IllegalStateException {
  @Serial private static final long serialVersionUID = 1;

  /**
   * @param owner who it is, in words
   */
  TakenOverException(Path maps, String owner) {
    super("%s was taken over by %s; close this, and leave the work to it".formatted(maps, owner));
  }
}
