package io.github.purebpf.redirect.cli.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/** What the demo tells, and whether all of it came true. */
final class Story {
  private static final String BOLD = "1";
  private static final String DIM = "2";
  private static final String RED = "31";
  private static final String GREEN = "32";
  private static final String CYAN = "36";
  private static final String CLEAR_LINE = "\u001b[K";
  private static final int NAME_WIDTH = 24;
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final int FRAME_MILLIS = 40;

  private final PrintStream out;
  private final boolean colors;
  private final boolean unicode;
  private final List<String> failures = new ArrayList<>();
  private final long start = System.nanoTime();
  private int chapters;
  private volatile boolean silent;

  private Story(PrintStream out, boolean colors, boolean unicode) {
    this.out = out;
    this.colors = colors;
    this.unicode = unicode;
  }

  /** Tells it in plain ASCII where the stream's character set has no more. */
  static Story to(PrintStream out, boolean colors) {
    return new Story(out, colors, out.charset().newEncoder().canEncode("→✓✗█…"));
  }

  /** From now on nothing is told any more: it is being interrupted. */
  void silence() {
    silent = true;
  }

  void title(String text) {
    say("");
    say(paint(BOLD, text));
    say("");
  }

  void fact(String name, String value) {
    say("  " + column(name) + value);
  }

  void chapter(String text) {
    chapters++;
    say("");
    say(paint(BOLD, chapters + "  " + text));
  }

  /** A detail that nothing depends on. */
  void note(String text) {
    say(paint(DIM, "     " + text));
  }

  /** One step: what happened, and whether it is what should have. */
  void step(String who, String to, String expected, String actual) {
    boolean came = actual.equals(expected);
    var arrow = unicode ? " → " : " -> ";
    say(mark(came) + column(who) + to + arrow + paint(came ? CYAN : RED, actual));
    if (!came) {
      say("       expected: " + expected);
      failures.add(who + ", " + to + ": " + actual + " instead of " + expected);
    }
  }

  /** One step without a destination. */
  void step(String what, boolean came) {
    say(mark(came) + what);
    if (!came) {
      failures.add(what);
    }
  }

  /** How often, as a bar. */
  void count(String name, int expected, int actual) {
    bar(new Bar(name, expected, expected, () -> actual), actual, "took %d connects");
  }

  /**
   * What a bar shows.
   *
   * @param least what it is to be in the end
   * @param most likewise
   * @param count what it is now
   */
  record Bar(String name, int least, int most, IntSupplier count) {
    boolean fits() {
      return fits(count.getAsInt());
    }

    boolean fits(int actual) {
      return actual >= least && actual <= most;
    }

    String expected() {
      return least == most ? Integer.toString(least) : least + " to " + most;
    }
  }

  /**
   * Waits until all bars are what they are to be, and tells them as they are then. On a terminal
   * they move until then.
   *
   * @param settled what has to be so as well
   */
  void bars(List<Bar> bars, BooleanSupplier settled) throws InterruptedException {
    if (colors) {
      bars.forEach(this::moving);
    }
    await(
        () -> {
          boolean over = settled.getAsBoolean() && bars.stream().allMatch(Bar::fits);
          if (colors) {
            over(bars);
            bars.forEach(this::moving);
          }
          return over;
        });
    if (colors) {
      over(bars);
    }
    bars.forEach(bar -> bar(bar, bar.count().getAsInt(), "has %d connections"));
  }

  /** Waits until something is so, but not for ever. */
  void await(BooleanSupplier settled) throws InterruptedException {
    long begin = System.nanoTime();
    while (!settled.getAsBoolean() && System.nanoTime() - begin < LIMIT.toNanos()) {
      TimeUnit.MILLISECONDS.sleep(FRAME_MILLIS);
    }
  }

  /** The end, with the time since the beginning. */
  void end() {
    double seconds = (System.nanoTime() - start) / 1e9;
    say("");
    say(
        paint(
            BOLD,
            failures.isEmpty()
                ? "All of it happened, in %.1f seconds.".formatted(seconds)
                : "%d of the steps did not happen.".formatted(failures.size())));
  }

  /** The steps that did not happen. */
  List<String> failures() {
    return List.copyOf(failures);
  }

  /** What is told next is drawn over them. */
  private void over(List<Bar> bars) {
    if (!silent) {
      out.printf("\u001b[%dA", bars.size());
    }
  }

  private void moving(Bar bar) {
    int count = bar.count().getAsInt();
    say("     " + column(bar.name()) + paint(DIM, strip(count)) + " " + count + CLEAR_LINE);
  }

  private void bar(Bar bar, int actual, String took) {
    boolean came = bar.fits(actual);
    say(
        mark(came)
            + column(bar.name())
            + paint(CYAN, strip(actual))
            + " "
            + actual
            + (colors ? CLEAR_LINE : ""));
    if (!came) {
      say("       expected: " + bar.expected());
      failures.add(bar.name() + " " + took.formatted(actual) + " instead of " + bar.expected());
    }
  }

  private String strip(int count) {
    return (unicode ? "█" : "#").repeat(count);
  }

  private void say(String line) {
    if (!silent) {
      out.println(line);
    }
  }

  private String mark(boolean came) {
    var sign = unicode ? (came ? "✓" : "✗") : (came ? "ok" : "NO");
    return "  " + (unicode ? " " : "") + paint(came ? GREEN : RED, sign) + " ";
  }

  private static String column(String text) {
    return text + " ".repeat(Math.max(1, NAME_WIDTH - text.length()));
  }

  private String paint(String color, String text) {
    return colors ? "\u001b[" + color + "m" + text + "\u001b[0m" : text;
  }
}
