package io.github.purebpf.redirect;

import java.io.Serial;
import java.nio.file.Path;
import java.time.Duration;

/** Others have been changing the pinned maps for longer than one waits; nothing was changed. */
public final class TableBusyException extends IllegalStateException {
  @Serial private static final long serialVersionUID = 1;

  TableBusyException(Path maps, Duration waited, Throwable cause) {
    super(
        "%s is being changed by others for %d s; end the process that has locked it, see /proc/locks"
            .formatted(maps, waited.toSeconds()),
        cause);
  }

  TableBusyException(Path maps, InterruptedException cause) {
    super("interrupted while others changed " + maps + "; try again", cause);
  }
}
