package io.github.purebpf.redirect.cli.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The text format read back, by a reader that takes nothing but what the format allows.
 *
 * @param families by name, in their order
 */
public record ParsedExposition(Map<String, Family> families) {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");

  /** A family. */
  public record Family(String type, String help, List<Sample> samples) {}

  /** A sample. */
  public record Sample(Map<String, String> labels, long value) {}

  /** Reads it, or fails with the line that is wrong. */
  public static ParsedExposition parse(String text) {
    var families = new LinkedHashMap<String, Family>();
    var current = "";
    var help = "";
    if (!text.isEmpty() && !text.endsWith("\n")) {
      throw new AssertionError("the last line does not end");
    }
    for (var line : text.isEmpty() ? new String[0] : text.split("\n", -1)) {
      if (line.isEmpty()) {
        continue;
      }
      if (line.startsWith("# HELP ")) {
        var words = line.substring(7).split(" ", 2);
        current = words[0];
        help = unescape(words[1], false);
      } else if (line.startsWith("# TYPE ")) {
        var words = line.substring(7).split(" ", -1);
        require(words.length == 2 && words[0].equals(current), line);
        require(NAME.matcher(current).matches(), line);
        require(List.of("counter", "gauge").contains(words[1]), line);
        require(words[1].equals("counter") == current.endsWith("_total"), line);
        var old = families.put(current, new Family(words[1], help, new ArrayList<>()));
        require(old == null, line);
      } else {
        sample(line, current, families.get(current));
      }
    }
    return new ParsedExposition(families);
  }

  private static void require(boolean condition, String line) {
    if (!condition) {
      throw new AssertionError("wrong: " + line);
    }
  }

  private static void sample(String line, String name, Family family) {
    require(family != null && line.startsWith(name), line);
    var labels = new LinkedHashMap<String, String>();
    int i = name.length();
    if (line.charAt(i) == '{') {
      i++;
      while (line.charAt(i) != '}') {
        int equals = line.indexOf("=\"", i);
        var label = line.substring(i, equals);
        require(label.matches("[a-zA-Z_][a-zA-Z0-9_]*"), line);
        int end = equals + 2;
        while (line.charAt(end) != '"') {
          end += line.charAt(end) == '\\' ? 2 : 1;
        }
        require(labels.put(label, unescape(line.substring(equals + 2, end), true)) == null, line);
        i = end + 1;
        if (line.charAt(i) == ',') {
          i++;
        }
      }
      i++;
    }
    require(line.charAt(i) == ' ', line);
    var sample = new Sample(labels, Long.parseLong(line.substring(i + 1)));
    require(family.samples().stream().noneMatch(s -> s.labels().equals(labels)), line);
    family.samples().add(sample);
  }

  private static String unescape(String text, boolean quotes) {
    var out = new StringBuilder();
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i++);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      switch (text.charAt(i++)) {
        case 'n' -> out.append('\n');
        case '\\' -> out.append('\\');
        case '"' -> {
          require(quotes, text);
          out.append('"');
        }
        default -> throw new AssertionError("no escape: " + text);
      }
    }
    return out.toString();
  }

  /** The value of the one sample with these labels. */
  public long value(String family, Map<String, String> labels) {
    return families.get(family).samples().stream()
        .filter(sample -> sample.labels().equals(labels))
        .findFirst()
        .orElseThrow(() -> new AssertionError(family + labels + " is not in " + families))
        .value();
  }
}
