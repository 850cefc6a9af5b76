package io.github.purebpf.bpf.features;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
  @Test
  void valuesNestAndKeepTheirOrder() {
    var map = new LinkedHashMap<String, Object>();
    map.put("b", List.of(1, 2L, true));
    map.put("a", null);
    map.put("none", List.of());
    map.put("empty", Map.of());
    assertEquals(
        """
        {
          "b": [
            1,
            2,
            true
          ],
          "a": null,
          "none": [],
          "empty": {}
        }
        """,
        Json.write(map));
  }

  @Test
  void textIsAscii() {
    assertEquals("\"\\\"\\\\\\u000a\\u00e9\\ud83d\\ude00\"\n", Json.write("\"\\\né😀"));
  }

  @Test
  void otherValuesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> Json.write(1.5));
  }
}
