package io.github.purebpf.text;

import java.util.Objects;

/**
 * One thing that is wrong with an assembler text, and where.
 *
 * @param file the name given to the text
 * @param line the line's number, from 1
 * @param column the first wrong character's place in the line, from 1, in UTF-16 units
 * @param length how many characters of the line are wrong, at least 1
 * @param text the whole line
 * @param problem what is wrong, and what was expected or what to do about it
 */
public record TextError(
    String file, int line, int column, int length, String text, String problem) {
  /** How much of a long line is shown before and behind the place. */
  private static final int CONTEXT = 80;

  /** Refuses null, and places before the first line or column. */
  public TextError {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(problem, "problem");
    if (line < 1 || column < 1 || length < 1) {
      throw new IllegalArgumentException(line + ":" + column + ", " + length + " is no place");
    }
  }

  /**
   * Three lines: the place and the problem, the text, and marks below the wrong part.
   *
   * <pre>{@code
   * sock.bpf:3:8: r11 is no register; there are r0 to r10
   *   r1 = r11
   *        ^~~
   * }</pre>
   */
  public String describe() {
    int at = Math.min(column - 1, text.length());
    int from = Math.max(0, at - CONTEXT);
    int to = Math.min(text.length(), at + CONTEXT);
    var out = new StringBuilder().append(this).append("\n  ");
    out.append(text, from, to).append("\n  ");
    for (int i = from; i < at; i++) {
      out.append(text.charAt(i) == '\t' ? '\t' : ' ');
    }
    out.append('^');
    for (int i = 1; i < Math.min(length, to - at); i++) {
      out.append('~');
    }
    return out.toString();
  }

  /** One line: {@code file:line:column: problem}. */
  @Override
  public String toString() {
    return file + ":" + line + ":" + column + ": " + problem;
  }
}
