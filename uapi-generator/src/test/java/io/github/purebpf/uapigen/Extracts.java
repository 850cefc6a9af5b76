package io.github.purebpf.uapigen;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.TreeMap;

/** Compares the extracts of two kernels. */
final class Extracts {
  /** With fewer names in common the comparison would say nothing. */
  private static final int FEWEST_SHARED = 300;

  private Extracts() {}

  /**
   * Asserts that all that both kernels have has the same value or offset. Sizes are left out: some
   * fields have been narrowed, with padding behind them.
   */
  static void assertSameNumbers(String one, String other) {
    var ours = numbers(one);
    var theirs = numbers(other);
    ours.keySet().retainAll(theirs.keySet());
    assertTrue(ours.size() >= FEWEST_SHARED, () -> "only " + ours.size() + " names are shared");
    assertAll(
        ours.entrySet().stream()
            .map(e -> () -> assertEquals(e.getValue(), theirs.get(e.getKey()), e.getKey())));
  }

  private static Map<String, Long> numbers(String extract) {
    var uapi = Uapi.parse(extract);
    var numbers = new TreeMap<String, Long>();
    uapi.enums()
        .forEach(
            (heading, constants) ->
                constants.stream()
                    // The ends of the enums move with each constant that is added.
                    .filter(c -> !c.name().startsWith("__"))
                    .forEach(c -> numbers.put(heading + " " + c.name(), c.value())));
    uapi.structs()
        .forEach(
            (name, layout) ->
                layout
                    .slots()
                    .forEach(
                        s -> numbers.put("struct " + name + " " + s.path(), (long) s.offset())));
    return numbers;
  }
}
