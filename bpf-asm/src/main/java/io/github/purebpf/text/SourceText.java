package io.github.purebpf.text;

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

  TextError error(int start, int end, String problem) {
    int line = line(start);
    int from = lineStarts[line - 1];
    int to = line < lineStarts.length ? lineStarts[line] - 1 : text.length();
    if (to > from && text.charAt(to - 1) == '\r') {
      to--;
    }
    int at = Math.min(start, to);
    int length = Math.max(1, Math.min(end, to) - at);
    return new TextError(file, line, at - from + 1, length, text.substring(from, to), problem);
  }
}
