package io.github.purebpf.redirect.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** YAML 1.2, and JSON, which is some of it, read by a reader that is not ours. */
final class ParsedYaml {
  private ParsedYaml() {}

  private static Load reader() {
    return new Load(LoadSettings.builder().setAllowDuplicateKeys(false).build());
  }

  /** The one document of a text. */
  static Object parse(String text) {
    return reader().loadFromString(text);
  }

  /** All documents of a text. */
  static List<Map<?, ?>> parseAll(String text) {
    var documents = new ArrayList<Map<?, ?>>();
    reader().loadAllFromString(text).forEach(document -> documents.add((Map<?, ?>) document));
    return documents;
  }

  /** What is at the end of a path of keys and indexes. */
  static Object at(Object value, Object... path) {
    var here = value;
    for (var step : path) {
      here =
          step instanceof Integer index
              ? ((List<?>) here).get(index)
              : ((Map<?, ?>) here).get(step);
      if (here == null) {
        throw new AssertionError("there is no " + step + " of " + List.of(path) + " in " + value);
      }
    }
    return here;
  }
}
