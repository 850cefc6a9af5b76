package io.github.purebpf.redirect.json;

import java.io.Serial;

/** A text that is no JSON: where, and why, in one line. */
public final class JsonException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  private final int line;
  private final int column;

  JsonException(int line, int column, String why) {
    super("line %d, column %d: %s".formatted(line, column, why));
    this.line = line;
    this.column = column;
  }

  /** The line, from 1; only a line feed ends one. */
  public int line() {
    return line;
  }

  /** The place in the line, from 1; one behind its end where something is missing. */
  public int column() {
    return column;
  }
}
