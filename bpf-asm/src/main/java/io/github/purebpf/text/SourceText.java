package io.github.purebpf.text;

import io.github.purebpf.insn.SourceLine;
import java.util.Arrays;

/** A text and its lines. */
final class SourceText {
  /** What of a long line is kept with its instructions. */
  private static final int MAX_CHARS = 1000;

  private final String file;
  private final String text;
  private final int[] lineStarts;

  /** The lines that instructions came from; several may share one. */
  private final String[] lineTexts;

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
    lineTexts = new String[lines];
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

  /** The line of an instruction, with its text and the instruction's column. */
  SourceLine sourceLine(Statement.Code insn) {
    int column = insn.start() - lineStarts[insn.line() - 1] + 1;
    int index = insn.line() - 1;
    if (lineTexts[index] == null) {
      var text = lineText(insn.line());
      lineTexts[index] = text.substring(0, Math.min(text.length(), MAX_CHARS));
    }
    return new SourceLine(file, insn.line(), column, lineTexts[index]);
  }

  TextError error(int start, int end, String problem) {
    int line = line(start);
    int from = lineStarts[line - 1];
    var lineText = lineText(line);
    int to = from + lineText.length();
    int at = Math.min(start, to);
    int length = Math.max(1, Math.min(end, to) - at);
    return new TextError(file, line, at - from + 1, length, lineText, problem);
  }

  /** A line without its end. */
  private String lineText(int line) {
    int from = lineStarts[line - 1];
    int to = line < lineStarts.length ? lineStarts[line] - 1 : text.length();
    if (to > from && text.charAt(to - 1) == '\r') {
      to--;
    }
    return text.substring(from, to);
  }
}
