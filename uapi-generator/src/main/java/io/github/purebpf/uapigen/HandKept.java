package io.github.purebpf.uapigen;

import java.util.List;
import java.util.stream.IntStream;

/**
 * A file of facts that are not in BTF. Lines are {@code words : words : …}, where {@code -} stands
 * for no words; a line that begins with {@code [} opens a section; {@code #} begins a comment line.
 */
record HandKept(String file, List<Line> lines) {
  record Line(int number, List<String> columns) {
    String column(int index) {
      return columns.get(index);
    }

    List<String> words(int index) {
      return column(index).equals("-") ? List.of() : List.of(column(index).split(" "));
    }

    boolean opensSection() {
      return column(0).startsWith("[");
    }

    /** The words between the brackets. */
    List<String> section() {
      return List.of(column(0).substring(1, column(0).length() - 1).split(" "));
    }
  }

  static HandKept parse(String file, String text, int columns) {
    var all = text.lines().toList();
    var lines =
        IntStream.range(0, all.size())
            .filter(i -> !all.get(i).isBlank() && !all.get(i).startsWith("#"))
            .mapToObj(i -> line(file, i + 1, all.get(i), columns))
            .toList();
    return new HandKept(file, lines);
  }

  private static Line line(String file, int number, String text, int columns) {
    var line = new Line(number, List.of(text.strip().split(" : ", columns)));
    int wanted = line.opensSection() ? 2 : columns;
    if (line.columns().size() != wanted) {
      throw new IllegalArgumentException(
          file + ":" + number + ": " + wanted + " columns are wanted, separated by \" : \"");
    }
    return line;
  }

  IllegalArgumentException fault(Line line, String reason) {
    return new IllegalArgumentException(file + ":" + line.number() + ": " + reason);
  }
}
