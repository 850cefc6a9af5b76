package io.github.purebpf.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A drawing, line by line. */
final class Svg {
  private static final List<String> COLOURS =
      List.of("#0b5fa5", "#c0392b", "#7f8c3d", "#8e44ad", "#d68910", "#555555");

  private final List<String> lines = new ArrayList<>();

  Svg(int width, int height, String title) {
    lines.add(
        ("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                + " viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">")
            .formatted(width, height, width, height));
    lines.add("<title>" + escape(title) + "</title>");
    lines.add("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>");
    text(width / 2.0, 20, "middle", title);
  }

  static String colour(int index) {
    return COLOURS.get(index % COLOURS.size());
  }

  void text(double x, double y, String anchor, String words) {
    lines.add(
        "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>"
            .formatted(at(x), at(y), anchor, escape(words)));
  }

  void line(double x1, double y1, double x2, double y2, String colour) {
    lines.add(
        "<line x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\" stroke=\"%s\"/>"
            .formatted(at(x1), at(y1), at(x2), at(y2), colour));
  }

  void box(double x, double y, double width, double height, String colour) {
    lines.add(
        "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" fill=\"%s\"/>"
            .formatted(at(x), at(y), at(width), at(height), colour));
  }

  /** Through points "x,y". */
  void path(List<String> points, String colour) {
    lines.add(
        "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>"
            .formatted(String.join(" ", points), colour));
  }

  static String at(double coordinate) {
    return String.format(Locale.ROOT, "%.1f", coordinate);
  }

  private static String escape(String words) {
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** All of it. */
  List<String> end() {
    lines.add("</svg>");
    return lines;
  }
}
