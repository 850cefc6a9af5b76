package io.github.purebpf.redirect;

import java.io.Serial;
import java.nio.file.Path;

/** Another controller lives, and has the pinned redirector that one wants to have. */
public final class OwnedException extends IllegalStateException {
  @Serial private static final long serialVersionUID = 1;

  /**
   * @param owner who it is, in words
   */
  OwnedException(Path maps, String owner) {
    super(
        "%s belongs to %s; end that, or take over: Takeover.TAKE, or --take-over"
            .formatted(maps, owner));
  }
}
