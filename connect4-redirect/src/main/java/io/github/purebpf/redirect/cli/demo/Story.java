package io.github.purebpf.redirect.cli.demo;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** What the demo tells, and whether all of it came true. */
final class Story {
  private static final String BOLD = "1";
  private static final String DIM = "2";
  private static final String RED = "31";
  private static final String GREEN = "32";
  private static final String CYAN = "36";
  private static final int NAME_WIDTH = 24;

  private final PrintStream out;
  private final boolean colors;
  private final boolean unicode;
  private final List<String> failures = new ArrayList<>();
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
    boolean came = actual == expected;
    var bar = (unicode ? "█" : "#").repeat(actual);
    say(mark(came) + column(name) + paint(CYAN, bar) + " " + actual);
    if (!came) {
      say("       expected: " + expected);
      failures.add(name + " took " + actual + " connects instead of " + expected);
    }
  }

  void end(String text) {
    say("");
    say(paint(BOLD, text));
  }

  /** The steps that did not happen. */
  List<String> failures() {
    return List.copyOf(failures);
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
