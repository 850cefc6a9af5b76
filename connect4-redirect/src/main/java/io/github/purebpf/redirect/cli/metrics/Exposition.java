package io.github.purebpf.redirect.cli.metrics;

import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/** The text exposition format 0.0.4 of Prometheus, written family by family. */
public final class Exposition {
  /** What an HTTP response says that it is. */
  public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private static final String PREFIX = "connect4_redirect_";

  private final StringBuilder out = new StringBuilder();
  private String family = "";

  /** What a value does over time. */
  public enum Type {
    /** It only grows. */
    COUNTER,
    /** It goes up and down. */
    GAUGE
  }

  /**
   * Begins a family; the samples of one stand together.
   *
   * @param name without the prefix
   * @param help one line of any text
   */
  public void family(String name, Type type, String help) {
    family = PREFIX + name;
    out.append("# HELP ").append(family).append(' ');
    out.append(help.replace("\\", "\\\\").replace("\n", "\\n")).append('\n');
    out.append("# TYPE ").append(family).append(' ');
    out.append(type.name().toLowerCase(Locale.ROOT)).append('\n');
  }

  /**
   * Adds a sample to the family that was begun last.
   *
   * @param labels by name, of any text
   */
  public void sample(SequencedMap<String, String> labels, long value) {
    out.append(family);
    if (!labels.isEmpty()) {
      out.append(
          labels.sequencedEntrySet().stream()
              .map(Exposition::label)
              .collect(Collectors.joining(",", "{", "}")));
    }
    out.append(' ').append(value).append('\n');
  }

  private static String label(Map.Entry<String, String> label) {
    return label.getKey()
        + "=\""
        + label.getValue().replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n")
        + "\"";
  }

  /** All of it. */
  @Override
  public String toString() {
    return out.toString();
  }
}
