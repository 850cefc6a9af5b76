package io.github.purebpf.redirect.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The terminal, with a screen of its own that is gone when it is closed, and keys that are read
 * when they are pressed. The settings are changed by {@code stty}; without it, keys need the enter
 * key.
 */
final class Screen implements AutoCloseable {
  private static final String ENTER = "\u001b[?1049h\u001b[?25l";
  private static final String LEAVE = "\u001b[?25h\u001b[?1049l";
  private static final String HOME = "\u001b[H";
  private static final String CLEAR_LINE = "\u001b[K";
  private static final String CLEAR_REST = "\u001b[J";
  private static final Path TERMINAL = Path.of("/dev/tty");
  private static final Size USUAL = new Size(24, 80);

  private final PrintStream out;
  private final Optional<String> settings;
  private boolean closed;

  /** How much there is room for. */
  record Size(int rows, int columns) {}

  private Screen(PrintStream out, Optional<String> settings) {
    this.out = out;
    this.settings = settings;
  }

  static Screen open(PrintStream out) {
    var settings = stty("-g");
    stty("-icanon", "-echo", "min", "1");
    out.print(ENTER);
    out.flush();
    return new Screen(out, settings);
  }

  /** What stty answers; empty if it does not. */
  private static Optional<String> stty(String... arguments) {
    var command = new ArrayList<>(List.of("stty"));
    command.addAll(List.of(arguments));
    try {
      var process =
          new ProcessBuilder(command)
              .redirectInput(TERMINAL.toFile())
              .redirectError(Redirect.DISCARD)
              .start();
      var answer =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
      return process.waitFor() == 0 ? Optional.of(answer) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** As it is now; it changes when the window does. */
  static Size size() {
    return stty("size").flatMap(Screen::size).orElse(USUAL);
  }

  /** What {@code stty size} says; a terminal of no size is one that does not know its own. */
  static Optional<Size> size(String answer) {
    if (!answer.matches("[1-9][0-9]{0,3} [1-9][0-9]{0,3}")) {
      return Optional.empty();
    }
    var words = answer.split(" ", -1);
    return Optional.of(new Size(Integer.parseInt(words[0]), Integer.parseInt(words[1])));
  }

  /** Draws over what was there, so that nothing flickers. */
  synchronized void show(List<String> lines, Size size) {
    if (!closed) {
      out.print(draw(lines, size));
      out.flush();
    }
  }

  static String draw(List<String> lines, Size size) {
    int most = size.rows() - 1;
    var shown = lines.size() <= most ? lines : lines.subList(0, Math.max(0, most - 1));
    var text = new StringBuilder(HOME);
    shown.forEach(line -> text.append(line).append(CLEAR_LINE).append("\r\n"));
    if (shown.size() < lines.size()) {
      text.append("... ").append(lines.size() - shown.size()).append(" lines more");
      text.append(CLEAR_LINE);
    }
    return text.append(CLEAR_REST).toString();
  }

  /** Gives the terminal back as it was. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    out.print(LEAVE);
    out.flush();
    settings.ifPresent(Screen::stty);
  }
}
