package io.github.purebpf.redirect.cli.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionTest {
  @ParameterizedTest
  @CsvSource({
    "sigle, single",
    "SINGLE, single",
    "snigle, single",
    "round_robin, round-robin",
    "roundrobin, round-robin",
    "frobnicate,",
    "x,"
  })
  void theWordThatIsMeantIsNear(String word, String meant) {
    assertEquals(Optional.ofNullable(meant), Suggestion.of(word, List.of("single", "round-robin")));
  }

  @Property
  void theDistanceIsThatOfBothWays(@ForAll String a, @ForAll String b) {
    int distance = Suggestion.distance(a, b);
    assertEquals(distance, Suggestion.distance(b, a));
    assertEquals(a.equals(b), distance == 0);
    assertTrue(distance <= Math.max(a.length(), b.length()));
    assertTrue(distance >= Math.abs(a.length() - b.length()));
  }
}
