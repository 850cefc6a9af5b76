package io.github.purebpf.redirect.cli;

import java.util.Locale;

/** How constants are written on the command line and in JSON: {@code least-connections}. */
final class Words {
  private Words() {}

  static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
