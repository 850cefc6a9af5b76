package io.github.purebpf.text;

import java.util.regex.Pattern;

/** Which names stand for themselves in a text. */
final class Names {
  private static final Pattern WORD = Pattern.compile("[A-Za-z_.$][A-Za-z0-9_.$]*+");

  private Names() {}

  /** Whether a name can be a label, and be referred to without brackets. */
  static boolean isPlain(String name) {
    return WORD.matcher(name).matches()
        && !Operands.isRegister(name)
        && !name.equals("pc")
        && !name.equals("ll");
  }
}
