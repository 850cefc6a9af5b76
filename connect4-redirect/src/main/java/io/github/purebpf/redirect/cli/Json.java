package io.github.purebpf.redirect.cli;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** JSON in one line and in ASCII, so that it survives every terminal and log. */
final class Json {
  private Json() {}

  /**
   * Writes a value.
   *
   * @param value null, a String, an Integer, a Long, a Boolean, or a List or Map of values; maps
   *     keep their order
   */
  static String write(Object value) {
    return switch (value) {
      case String text -> quote(text);
      case null -> "null";
      case Integer number -> number.toString();
      case Long number -> number.toString();
      case Boolean truth -> truth.toString();
      case List<?> list ->
          list.stream().map(Json::write).collect(Collectors.joining(",", "[", "]"));
      case Map<?, ?> map ->
          map.entrySet().stream()
              .map(entry -> quote((String) entry.getKey()) + ":" + write(entry.getValue()))
              .collect(Collectors.joining(",", "{", "}"));
      default -> throw new IllegalArgumentException("no JSON for " + value.getClass().getName());
    };
  }

  private static String quote(String text) {
    var out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        out.append("\\u%04x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }
}
