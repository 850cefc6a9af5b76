package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.RedirectTable;
import java.nio.file.Path;

/** The option of the commands that change or show the table of a redirector that runs. */
final class PinOption {
  static final Option PIN =
      new Option(
          "--pin",
          "DIR",
          Option.Occurs.ONCE,
          "the DIR that was given to run --pin or attach --pin");

  private PinOption() {}

  static RedirectTable open(Arguments arguments) {
    return RedirectTable.openPinned(Path.of(arguments.value(PIN).orElseThrow()));
  }
}
