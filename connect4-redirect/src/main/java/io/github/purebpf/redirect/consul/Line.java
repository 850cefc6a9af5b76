package io.github.purebpf.redirect.consul;

/** Makes what others wrote fit for a line of ours. */
final class Line {
  private static final int LONGEST = 200;

  private Line() {}

  /** Its first line, without control characters, and not too long. */
  static String of(String text) {
    if (text == null) {
      return "no reason is given";
    }
    var line = text.strip().lines().findFirst().orElse("");
    if (line.length() > LONGEST) {
      line = line.substring(0, LONGEST) + "...";
    }
    return line.replaceAll("\\p{C}", "?");
  }
}
