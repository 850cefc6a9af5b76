package io.github.purebpf.text;

import io.github.purebpf.insn.SourceLine;
import java.util.Arrays;

/** A text and its lines. */
final class SourceText {
  private final String file;
  private final String text;
  private final int[] lineStarts;

  SourceText(String file, String text) {
    this.file = file;
    this.text = text;
    var starts = new int[16];
    int lines = 1;
    for (int at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      if (lines == starts.length) {
        starts = Arrays.copyOf(starts, lines * 2);
      }
      starts[lines++] = at + 1;
    }
    lineStarts = Arrays.copyOf(starts, lines);
  }

  String file() {
    return file;
  }

  String text() {
    return text;
  }

  /** The number of the line that holds an offset, from 1. */
  int line(int offset) {
    int found = Arrays.binarySearch(lineStarts, offset);
    return found >= 0 ? found + 1 : -found - 1;
  }

  /** A line with its text, from its first character that is no blank. */
  SourceLine sourceLine(int line) {
    var content = text.substring(lineStarts[line - 1], lineEnd(line));
    int indent = content.length() - content.stripLeading().length();
    return new SourceLine(file, line, indent + 1, content.strip());
  }

  private int lineEnd(int line) {
    int from = lineStarts[line - 1];
    int to = line < lineStarts.length ? lineStarts[line] - 1 : text.length();
    return to > from && text.charAt(to - 1) == '\r' ? to - 1 : to;
  }

  TextError error(int start, int end, String problem) {
    int line = line(start);
    int from = lineStarts[line - 1];
    int to = lineEnd(line);
    int at = Math.min(start, to);
    int length = Math.max(1, Math.min(end, to) - at);
    return new TextError(file, line, at - from + 1, length, text.substring(from, to), problem);
  }
}
