package io.github.purebpf.tool;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads many programs from one stream. A line {@code ---} stands between two; behind the last it
 * may stand or not. A program can be answered as soon as the line behind it is read.
 */
final class EachReader {
  static final String SEPARATOR = "---";

  private final String name;
  private final BufferedReader in;

  EachReader(String name, InputStream in) {
    this.name = name;
    this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8), 1 << 16);
  }

  /** The next program, or null at the end. */
  Input next() throws IOException {
    var text = new StringBuilder();
    while (true) {
      int start = text.length();
      if (!line(text)) {
        return text.isEmpty() ? null : input(text);
      }
      if (isSeparator(text, start)) {
        text.setLength(start);
        return input(text);
      }
    }
  }

  /** Whether the next program has begun to arrive, so that waiting for it makes nobody wait. */
  boolean ready() throws IOException {
    return in.ready();
  }

  /**
   * All programs written as digits. Without a separator each line is one, as {@code assemble
   * --each} prints them.
   */
  List<Input> allHex() throws IOException {
    var programs = new ArrayList<Input>();
    var lines = new ArrayList<Input>();
    boolean separated = false;
    var text = new StringBuilder();
    int start = 0;
    while (line(text)) {
      if (isSeparator(text, start)) {
        separated = true;
        text.setLength(start);
        programs.add(input(text));
        text.setLength(0);
      } else {
        lines.add(input(text.substring(start)));
      }
      start = text.length();
    }
    if (!text.isEmpty()) {
      programs.add(input(text));
    }
    return separated ? programs : lines;
  }

  private Input input(CharSequence text) {
    return new Input(name, text.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Appends a line with its end; false if there is none. */
  private boolean line(StringBuilder text) throws IOException {
    int c = in.read();
    if (c < 0) {
      return false;
    }
    while (c >= 0) {
      text.append((char) c);
      if (c == '\n') {
        break;
      }
      c = in.read();
    }
    return true;
  }

  private static boolean isSeparator(StringBuilder text, int start) {
    return text.length() - start <= 16 && text.substring(start).stripTrailing().equals(SEPARATOR);
  }
}
