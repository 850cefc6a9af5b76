package io.github.purebpf.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Which part of the calls takes at most how long. */
final class SvgCdf {
  private static final int LEFT = 60;
  private static final int PLOT = 620;
  private static final int TOP = 50;
  private static final int HEIGHT = 320;

  /**
   * A line.
   *
   * @param nanos as {@link Quantiles#ALL}
   */
  record Curve(String label, List<Double> nanos) {}

  private final double from;
  private final double to;

  private SvgCdf(double from, double to) {
    this.from = from;
    this.to = to;
  }

  /** Draws some, at least one. */
  static List<String> draw(String title, List<Curve> curves) {
    double from = curves.stream().mapToDouble(c -> c.nanos().getFirst()).min().orElse(1);
    double to =
        curves.stream().mapToDouble(c -> c.nanos().get(c.nanos().size() - 2)).max().orElse(10);
    return new SvgCdf(Math.log10(Math.max(1, from)), Math.log10(Math.max(from, to)) + 0.1)
        .drawn(title, curves);
  }

  private double x(double nanos) {
    return LEFT + PLOT * Math.clamp((Math.log10(nanos) - from) / (to - from), 0, 1);
  }

  /** The tail is what matters: each step up is a tenth of the calls that are slower. */
  private static double y(double quantile) {
    double nines = -Math.log10(Math.max(1 - quantile, 0.0001));
    return TOP + HEIGHT * (1 - nines / 4);
  }

  private List<String> drawn(String title, List<Curve> curves) {
    var svg = new Svg(LEFT + PLOT + 40, TOP + HEIGHT + 50, title);
    for (double quantile : new double[] {0, 0.5, 0.9, 0.99, 0.999, 0.9999}) {
      svg.line(LEFT, y(quantile), LEFT + PLOT, y(quantile), "#dddddd");
      svg.text(LEFT - 6, y(quantile) + 4, "end", Double.toString(quantile));
    }
    for (double nanos = Math.pow(10, Math.floor(from)); nanos < Math.pow(10, to); nanos *= 10) {
      for (int step : new int[] {1, 2, 5}) {
        double log = Math.log10(nanos * step);
        if (log >= from && log <= to) {
          svg.line(x(nanos * step), TOP, x(nanos * step), TOP + HEIGHT, "#dddddd");
          svg.text(x(nanos * step), TOP + HEIGHT + 16, "middle", Table.number(nanos * step / 1000));
        }
      }
    }
    svg.text(LEFT + PLOT / 2.0, TOP + HEIGHT + 38, "middle", "microseconds for a call");
    for (int i = 0; i < curves.size(); i++) {
      svg.path(points(curves.get(i)), Svg.colour(i));
      svg.box(LEFT + 10, TOP + 4 + 18.0 * i, 12, 12, Svg.colour(i));
      svg.text(LEFT + 28, TOP + 14 + 18.0 * i, "start", curves.get(i).label());
    }
    return svg.end();
  }

  private List<String> points(Curve curve) {
    return new ArrayList<>(
        IntStream.range(0, Quantiles.ALL.size() - 1)
            .mapToObj(i -> Svg.at(x(curve.nanos().get(i))) + "," + Svg.at(y(Quantiles.ALL.get(i))))
            .toList());
  }
}
