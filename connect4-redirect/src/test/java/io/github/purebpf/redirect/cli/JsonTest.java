package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class JsonTest {
  @Test
  void writesValuesWithoutSpace() {
    var map = new LinkedHashMap<String, Object>();
    map.put("b", List.of(1, true, "x"));
    map.put("a", Map.of());
    assertEquals("{\"b\":[1,true,\"x\"],\"a\":{}}", Json.write(map));
  }

  @Test
  void escapesWhatMustBeAndWhatMayNotSurvive() {
    assertEquals(
        "\"\\\"\\\\\\u000a\\u007f\\u00e9\\ud83d\\ude00/\"", Json.write("\"\\\n\u007fé😀/"));
  }

  @Property
  void aStringIsPrintableAsciiAndCanBeReadBack(@ForAll String text) {
    var json = Json.write(text);
    assertTrue(json.chars().allMatch(c -> c >= ' ' && c <= '~'), json);
    assertEquals(text, unquote(json));
  }

  private static String unquote(String json) {
    var out = new StringBuilder();
    for (int i = 1; i < json.length() - 1; i++) {
      char c = json.charAt(i);
      if (c != '\\') {
        out.append(c);
      } else if (json.charAt(i + 1) == 'u') {
        out.append((char) Integer.parseInt(json.substring(i + 2, i + 6), 16));
        i += 5;
      } else {
        out.append(json.charAt(++i));
      }
    }
    return out.toString();
  }

  @Test
  void refusesOtherTypes() {
    assertThrows(IllegalArgumentException.class, () -> Json.write(1.5));
  }
}
