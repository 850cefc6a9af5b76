package io.github.purebpf.redirect.cli.config;

import java.io.Serial;
import java.util.List;

/** A file that does not say what a table holds: where it is wrong, and why. */
public final class ConfigException extends IllegalArgumentException {
  @Serial private static final long serialVersionUID = 1;

  private final int line;
  private final int column;
  private final String source;

  /**
   * Says it.
   *
   * @param line from 1
   * @param column from 1
   * @param source the text of the line
   */
  ConfigException(int line, int column, String source, String message) {
    super(message);
    this.line = line;
    this.column = column;
    this.source = source;
  }

  /** The line, from 1. */
  public int line() {
    return line;
  }

  /** The place in the line, from 1; one behind its end where something is missing. */
  public int column() {
    return column;
  }

  /** The line, and a caret below the place. */
  public List<String> excerpt() {
    var caret = new StringBuilder();
    for (int i = 0; i < column - 1; i++) {
      caret.append(i < source.length() && source.charAt(i) == '\t' ? '\t' : ' ');
    }
    return List.of(source.replaceAll("[\\p{Cntrl}&&[^\t]]", "?"), caret.append('^').toString());
  }
}
