package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.cli.text.Words;
import java.io.PrintStream;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/**
 * What a command that runs for long has to tell, one line for each event, for people or for
 * programs. The lines are ASCII and whatever the values are, an event is one line.
 */
final class EventLog {
  /** How it is written. */
  enum Format {
    /** {@code 2026-01-31T12:00:00.123Z warn source-failed source=dns reason="no such name"}. */
    TEXT,
    /** One JSON object in each line. */
    JSON
  }

  /** How bad it is. */
  enum Level {
    /** As it should be. */
    INFO,
    /** It works, but not as it should. */
    WARN,
    /** It does not work. */
    ERROR
  }

  private static final Pattern EVENT = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");
  private static final Pattern FIELD = Pattern.compile("[a-z][a-z0-9]*(_[a-z0-9]+)*");
  private static final List<String> OWN_FIELDS = List.of("time", "level", "event");

  /** Values that need no quotes in the text form. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_.:/@%+*-]+");

  /** RFC 3339, always of the same length, so that lines align and sort. */
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final PrintStream out;
  private final PrintStream err;
  private final Format format;
  private final InstantSource clock;

  /** Whether it was said that it cannot be written; guarded by {@link #out}. */
  private boolean complained;

  /**
   * @param err where it is said, once, that the log cannot be written
   */
  EventLog(PrintStream out, PrintStream err, Format format, InstantSource clock) {
    this.out = out;
    this.err = err;
    this.format = format;
    this.clock = clock;
  }

  void info(String event, SequencedMap<String, ?> fields) {
    log(Level.INFO, event, fields);
  }

  void warn(String event, SequencedMap<String, ?> fields) {
    log(Level.WARN, event, fields);
  }

  void error(String event, SequencedMap<String, ?> fields) {
    log(Level.ERROR, event, fields);
  }

  /**
   * Writes an event; from any thread.
   *
   * @param event what happened, such as {@code servers-changed}
   * @param fields by name, such as {@code retry_in}, in their order: null, numbers, truth values,
   *     texts and lists of those; anything else is written as its {@code toString} says
   * @throws IllegalArgumentException if the event or a field is not named like that
   */
  void log(Level level, String event, SequencedMap<String, ?> fields) {
    if (!EVENT.matcher(event).matches()) {
      throw new IllegalArgumentException("no name of an event: " + event);
    }
    var all = new LinkedHashMap<String, Object>();
    all.put("time", TIME.format(clock.instant()));
    all.put("level", Words.of(level));
    all.put("event", event);
    fields.forEach(
        (name, value) -> {
          if (!FIELD.matcher(name).matches() || OWN_FIELDS.contains(name)) {
            throw new IllegalArgumentException("no name of a field: " + name);
          }
          all.put(name, plain(value));
        });
    var line = format == Format.JSON ? Json.write(all) : text(all);
    synchronized (out) {
      // At once, so that another writer to the same stream does not get between line and end.
      out.print(line + "\n");
      if (out.checkError() && !complained) {
        complained = true;
        err.println(
            "%s: the log cannot be written, and all else goes on: look at what takes standard output"
                .formatted(Main.NAME));
      }
    }
  }

  private static Object plain(Object value) {
    return switch (value) {
      case null -> null;
      case Integer number -> number;
      case Long number -> number;
      case Boolean truth -> truth;
      case List<?> list -> list.stream().map(EventLog::plain).toList();
      default -> value.toString();
    };
  }

  private static String text(Map<String, Object> fields) {
    var out = new StringBuilder();
    fields.forEach(
        (name, value) -> {
          if (OWN_FIELDS.contains(name)) {
            out.append(out.isEmpty() ? "" : " ").append(value);
          } else {
            out.append(' ').append(name).append('=').append(text(value));
          }
        });
    return out.toString();
  }

  private static String text(Object value) {
    return switch (value) {
      case String text when PLAIN.matcher(text).matches() -> text;
      case null, default -> Json.write(value);
    };
  }
}
