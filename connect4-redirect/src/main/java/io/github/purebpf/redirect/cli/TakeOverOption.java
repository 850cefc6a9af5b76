package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.Takeover;

/** The option of the commands that change where a redirector is attached. */
final class TakeOverOption {
  static final Option TAKE_OVER =
      Option.flag("--take-over", "do it though another process owns DIR, which then loses it");

  private TakeOverOption() {}

  static Takeover of(Arguments arguments) {
    return arguments.has(TAKE_OVER) ? Takeover.TAKE : Takeover.REFUSE;
  }
}
