package io.github.purebpf.redirect.cli.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ExpositionTest {
  @Test
  void looksAsTheFormatSays() {
    var out = new Exposition();
    out.family("a_total", Exposition.Type.COUNTER, "One\nline \\ of help.");
    out.sample(new LinkedHashMap<>(Map.of("path", "/a\"b\\c\nd")), 7);
    out.sample(new LinkedHashMap<>(), -1);
    assertEquals(
        """
        # HELP connect4_redirect_a_total One\\nline \\\\ of help.
        # TYPE connect4_redirect_a_total counter
        connect4_redirect_a_total{path="/a\\"b\\\\c\\nd"} 7
        connect4_redirect_a_total -1
        """,
        out.toString());
  }

  @Property
  void anyTextComesBack(@ForAll String help, @ForAll List<String> values, @ForAll long value) {
    var out = new Exposition();
    out.family("a", Exposition.Type.GAUGE, help);
    var labels = new LinkedHashMap<String, String>();
    values.forEach(text -> labels.put("label" + labels.size(), text));
    out.sample(labels, value);
    var family = ParsedExposition.parse(out.toString()).families().get("connect4_redirect_a");
    assertEquals(help, family.help());
    assertEquals(List.of(new ParsedExposition.Sample(labels, value)), family.samples());
  }
}
