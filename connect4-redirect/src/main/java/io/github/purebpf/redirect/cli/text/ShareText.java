package io.github.purebpf.redirect.cli.text;

import java.util.regex.Pattern;

/** A part of a whole, such as {@code 10%}. */
public final class ShareText {
  private static final Pattern PERCENT = Pattern.compile("([0-9]{1,3}(?:\\.[0-9]{1,6})?)%");
  private static final double WHOLE = 100;

  private ShareText() {}

  /**
   * Reads it.
   *
   * @return above 0, and at most 1
   * @throws IllegalArgumentException if the text is anything else
   */
  public static double parse(String text) {
    var matcher = PERCENT.matcher(text);
    double share = matcher.matches() ? Double.parseDouble(matcher.group(1)) / WHOLE : 0;
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is no share such as 10% or 0.5%, above 0% and at most 100%");
    }
    return share;
  }
}
