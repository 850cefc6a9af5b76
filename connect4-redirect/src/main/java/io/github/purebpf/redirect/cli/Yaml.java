package io.github.purebpf.redirect.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** YAML 1.2 in block style and in ASCII, with comments. */
final class Yaml {
  /** Texts that are the same text in every version of YAML without quotes. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z/][A-Za-z0-9_./-]*");

  private static final List<String> NO_TEXT =
      List.of("true", "false", "null", "yes", "no", "on", "off", "y", "n");

  private final StringBuilder out = new StringBuilder();

  private Yaml() {}

  /**
   * A value of a map that says why it is there.
   *
   * @param why lines without the sign
   */
  record Commented(String why, Object value) {}

  /**
   * Writes a document.
   *
   * @param document as {@link Json} takes it, and comments
   */
  static String write(Map<String, ?> document) {
    var yaml = new Yaml();
    yaml.map(document, "", "");
    return yaml.out.toString();
  }

  /** The same without comments, for {@link Json}. */
  static Object withoutComments(Object value) {
    return switch (value) {
      case Commented commented -> withoutComments(commented.value());
      case List<?> list -> list.stream().map(Yaml::withoutComments).toList();
      case Map<?, ?> map -> {
        var plain = new LinkedHashMap<Object, Object>();
        map.forEach((key, inner) -> plain.put(key, withoutComments(inner)));
        yield plain;
      }
      case null, default -> value;
    };
  }

  /**
   * @param first what stands before the first key: the indentation, or the sign of a list
   * @param indent what stands before the others
   */
  private void map(Map<?, ?> map, String first, String indent) {
    var before = first;
    for (var entry : map.entrySet()) {
      var value = entry.getValue();
      if (value instanceof Commented commented) {
        value = commented.value();
        for (var line : commented.why().strip().lines().toList()) {
          out.append(before).append("# ").append(line).append('\n');
          before = indent;
        }
      }
      out.append(before).append(scalar(entry.getKey())).append(':');
      before = indent;
      value(value, indent);
    }
  }

  private void value(Object value, String indent) {
    switch (value) {
      case Map<?, ?> map when !map.isEmpty() -> {
        out.append('\n');
        map(map, indent + "  ", indent + "  ");
      }
      case List<?> list when !list.isEmpty() -> {
        out.append('\n');
        for (var element : list) {
          element(element, indent + "  ");
        }
      }
      case null, default -> out.append(' ').append(scalar(value)).append('\n');
    }
  }

  private void element(Object element, String indent) {
    switch (element) {
      case Map<?, ?> map when !map.isEmpty() -> map(map, indent + "- ", indent + "  ");
      case List<?> list when !list.isEmpty() ->
          throw new IllegalArgumentException("a list directly in a list");
      case null, default -> out.append(indent).append("- ").append(scalar(element)).append('\n');
    }
  }

  private static String scalar(Object value) {
    return value instanceof String text ? text(text) : Json.write(value);
  }

  private static String text(String text) {
    if (PLAIN.matcher(text).matches()
        && NO_TEXT.stream().noneMatch(word -> word.equalsIgnoreCase(text))) {
      return text;
    }
    var quoted = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                quoted.append('\\').appendCodePoint(c);
              } else if (c < ' ' || c > '~') {
                quoted.append(c > 0xffff ? "\\U%08x".formatted(c) : "\\u%04x".formatted(c));
              } else {
                quoted.appendCodePoint(c);
              }
            });
    return quoted.append('"').toString();
  }
}
