package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class YamlTest {
  @Test
  void looksAsAPersonWouldWriteIt() {
    var map = new LinkedHashMap<String, Object>();
    map.put("name", new Yaml.Commented("Two lines\nof comment.", "a-b"));
    map.put("list", List.of(Map.of("key", new Yaml.Commented("Why.", 1)), "x y", Map.of()));
    map.put("@type", List.of());
    assertEquals(
        """
        # Two lines
        # of comment.
        name: a-b
        list:
          - # Why.
            key: 1
          - "x y"
          - {}
        "@type": []
        """,
        Yaml.write(map));
  }

  /** Values as {@link Json} takes them, without lists in lists. */
  @Provide
  Arbitrary<Map<String, Object>> documents() {
    return maps(2);
  }

  private static Arbitrary<Map<String, Object>> maps(int depth) {
    var texts = Arbitraries.strings().ofMaxLength(8);
    var words = Arbitraries.of("true", "No", "null", "~", "1", "-1", "1e3", "0x1", "- a", "a: b");
    Arbitrary<Object> scalars =
        Arbitraries.oneOf(
            texts.map(Object.class::cast),
            words.map(Object.class::cast),
            Arbitraries.integers().map(Object.class::cast),
            Arbitraries.of(true, false).map(Object.class::cast));
    Arbitrary<Object> values =
        depth == 0
            ? scalars
            : Arbitraries.oneOf(
                scalars,
                maps(depth - 1).map(Object.class::cast),
                Arbitraries.oneOf(scalars, maps(depth - 1).map(Object.class::cast))
                    .list()
                    .ofMaxSize(3)
                    .map(Object.class::cast));
    return Arbitraries.maps(Arbitraries.oneOf(texts, words), values).ofMinSize(1).ofMaxSize(3);
  }

  @Property(tries = 200)
  void whatIsWrittenIsReadBackTheSameWithAndWithoutComments(
      @ForAll("documents") Map<String, Object> document, @ForAll("comments") String why) {
    var yaml = Yaml.write(document);
    assertTrue(yaml.chars().allMatch(c -> c == '\n' || (c >= ' ' && c <= '~')), yaml);
    assertEquals(document, ParsedYaml.parse(yaml), yaml);
    var commented = new LinkedHashMap<String, Object>();
    document.forEach((key, value) -> commented.put(key, new Yaml.Commented(why, value)));
    assertEquals(document, ParsedYaml.parse(Yaml.write(commented)));
    assertEquals(document, Yaml.withoutComments(commented));
    assertEquals(document, ParsedYaml.parse(Json.write(Yaml.withoutComments(commented))));
  }

  @Provide
  Arbitrary<String> comments() {
    return Arbitraries.strings().withCharRange(' ', '~').withChars('\n').ofMaxLength(30);
  }
}
