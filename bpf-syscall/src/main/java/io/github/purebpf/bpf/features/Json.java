package io.github.purebpf.bpf.features;

import java.util.List;
import java.util.Map;

/** JSON (RFC 8259) in ASCII, two blanks deeper with each level. */
final class Json {
  private final StringBuilder out = new StringBuilder();

  private Json() {}

  /**
   * Writes a value.
   *
   * @param value null, a String, an Integer, a Long, a Boolean, or a List or Map of values; maps
   *     keep their order
   */
  static String write(Object value) {
    var json = new Json();
    json.value(value, "\n");
    return json.out.append('\n').toString();
  }

  private void value(Object value, String indent) {
    switch (value) {
      case null -> out.append("null");
      case String text -> quote(text);
      case Integer number -> out.append(number);
      case Long number -> out.append(number);
      case Boolean truth -> out.append(truth);
      case List<?> list -> list(list, indent);
      case Map<?, ?> map -> map(map, indent);
      default -> throw new IllegalArgumentException("no JSON for " + value.getClass().getName());
    }
  }

  private void list(List<?> list, String indent) {
    String deeper = list.isEmpty() ? "" : indent + "  ";
    String separator = "[" + deeper;
    for (var element : list) {
      out.append(separator);
      value(element, deeper);
      separator = "," + deeper;
    }
    out.append(list.isEmpty() ? "[]" : indent + "]");
  }

  private void map(Map<?, ?> map, String indent) {
    String deeper = indent + "  ";
    String separator = "{" + deeper;
    for (var entry : map.entrySet()) {
      out.append(separator);
      quote((String) entry.getKey());
      out.append(": ");
      value(entry.getValue(), deeper);
      separator = "," + deeper;
    }
    out.append(map.isEmpty() ? "{}" : indent + "}");
  }

  private void quote(String text) {
    out.append('"');
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
    out.append('"');
  }
}
