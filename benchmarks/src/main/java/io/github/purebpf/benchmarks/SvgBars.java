package io.github.purebpf.benchmarks;

import java.util.List;
import java.util.stream.DoubleStream;

/** Bars of ratios from 1 to the left or the right, with the spread over each. */
final class SvgBars {
  /** Wider than most letters of the font. */
  private static final int LETTER = 7;

  private static final int PLOT = 460;
  private static final int TOP = 50;
  private static final int STEP = 20;

  /**
   * A bar.
   *
   * @param kind which bars have its colour
   */
  record Bar(String label, int kind, Spread ratio) {}

  /** Where the labels end, and the plot begins. */
  private final int left;

  private final double from;
  private final double to;

  private SvgBars(int left, double from, double to) {
    this.left = left;
    this.from = from;
    this.to = to;
  }

  /** Draws some, of which the left is faster. */
  static List<String> draw(String title, List<Bar> bars) {
    // Powers of two, and 1 in between.
    double from =
        Math.floor(logs(bars.stream().mapToDouble(b -> b.ratio().least())).min().orElse(0));
    double to = Math.ceil(logs(bars.stream().mapToDouble(b -> b.ratio().most())).max().orElse(0));
    int longest = bars.stream().mapToInt(bar -> bar.label().length()).max().orElse(0);
    return new SvgBars(LETTER * longest + 20, Math.min(from, -1), Math.max(to, 1))
        .drawn(title, bars);
  }

  private static DoubleStream logs(DoubleStream ratios) {
    return ratios.map(SvgBars::log);
  }

  private static double log(double ratio) {
    return Math.log(ratio) / Math.log(2);
  }

  private double x(double ratio) {
    return left + PLOT * (log(ratio) - from) / (to - from);
  }

  private List<String> drawn(String title, List<Bar> bars) {
    int bottom = TOP + STEP * bars.size();
    var svg = new Svg(left + PLOT + 40, bottom + 50, title);
    for (int power = (int) from; power <= to; power++) {
      double ratio = Math.pow(2, power);
      svg.line(x(ratio), TOP - 10, x(ratio), bottom, power == 0 ? "#000000" : "#dddddd");
      svg.text(x(ratio), bottom + 16, "middle", Table.number(ratio));
    }
    svg.text(
        left + PLOT / 2.0,
        bottom + 38,
        "middle",
        "purebpf takes so many times as long: median, least and most of the rounds");
    for (int i = 0; i < bars.size(); i++) {
      var bar = bars.get(i);
      double y = TOP + STEP * i;
      double middle = y + 6;
      double median = x(bar.ratio().median());
      svg.text(left - 8, y + 10, "end", bar.label());
      svg.box(Math.min(x(1), median), y, Math.abs(median - x(1)), 12, Svg.colour(bar.kind()));
      double least = x(bar.ratio().least());
      double most = x(bar.ratio().most());
      svg.line(least, middle, most, middle, "#000000");
      svg.line(least, y + 2, least, y + 10, "#000000");
      svg.line(most, y + 2, most, y + 10, "#000000");
    }
    return svg.end();
  }
}
