package io.github.purebpf.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Draft. */
final class HookCost {
  private HookCost() {}

  public static void main(String[] args) throws Exception {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 200;
    int connects = args.length > 1 ? Integer.parseInt(args[1]) : 100;
    var folder = Files.createTempDirectory("hook-cost");
    var twin = ClangTwin.find(Path.of("src/peers"), folder).orElseThrow();
    try (var bed =
        new HookBed(twin.compile("cgroup/connect4"), twin.compile("cgroup/connect4_plain"))) {
      for (int count : new int[] {1, 10_000, 60_000}) {
        bed.fill(count);
        for (var path : HookBed.Path.values()) {
          if (args.length > 2 && !path.name().equals(args[2])) {
            continue;
          }
          bed.go(path);
          var ours = new double[rounds];
          var theirs = new double[rounds];
          for (int i = -2; i < rounds; i++) {
            boolean first = i % 2 == 0;
            var a =
                bed.measure(
                    path, first ? HookBed.Maker.OURS : HookBed.Maker.CLANG, i + 2, connects);
            var b =
                bed.measure(
                    path, first ? HookBed.Maker.CLANG : HookBed.Maker.OURS, i + 2, connects);
            if (i >= 0) {
              ours[i] = (first ? a : b).nanosEach();
              theirs[i] = (first ? b : a).nanosEach();
            }
          }
          var r = Spread.ratio(ours, theirs);
          var o = Spread.of(ours);
          var t = Spread.of(theirs);
          System.out.printf(
              Locale.ROOT,
              "%6d %-18s ours %.0f ns (least %.0f), clang %.0f ns (least %.0f), ratio %.3f [%.3f to %.3f]%n",
              count,
              path.title,
              o.median(),
              o.least(),
              t.median(),
              t.least(),
              r.median(),
              r.low(),
              r.high());
        }
      }
    }
  }
}
