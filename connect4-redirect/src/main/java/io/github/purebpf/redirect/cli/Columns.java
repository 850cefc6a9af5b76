package io.github.purebpf.redirect.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows as lines in which each column is as wide as its widest cell. */
final class Columns {
  private Columns() {}

  /**
   * Lays them out.
   *
   * @param rows all of the same length
   * @param words how many columns at the beginning are words, which begin below one another; the
   *     others are numbers, which end there
   */
  static List<String> of(List<List<String>> rows, int words) {
    var widths = new int[rows.isEmpty() ? 0 : rows.getFirst().size()];
    for (var row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    var lines = new ArrayList<String>();
    for (var row : rows) {
      var line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        var space = " ".repeat(widths[i] - row.get(i).length());
        line.append(i == 0 ? "" : "  ").append(i < words ? row.get(i) + space : space + row.get(i));
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }
}
