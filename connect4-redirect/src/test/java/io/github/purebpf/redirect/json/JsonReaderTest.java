package io.github.purebpf.redirect.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.json.JsonValue.JsonArray;
import io.github.purebpf.redirect.json.JsonValue.JsonBoolean;
import io.github.purebpf.redirect.json.JsonValue.JsonNull;
import io.github.purebpf.redirect.json.JsonValue.JsonNumber;
import io.github.purebpf.redirect.json.JsonValue.JsonObject;
import io.github.purebpf.redirect.json.JsonValue.JsonString;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {
  private static JsonValue read(String text) throws JsonException {
    return JsonReader.read(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void readsEachKindOfValue() throws Exception {
    var members = new LinkedHashMap<String, JsonValue>();
    members.put("b", new JsonArray(List.of(new JsonNumber("-1.5e+3"), new JsonNull())));
    members.put("", new JsonBoolean(true));
    members.put("a", new JsonBoolean(false));
    members.put("{}", new JsonObject(new LinkedHashMap<>()));
    members.put("s", new JsonString("\"\\/\b\f\n\r\té😀😀"));
    var read =
        read(
            " \r\n\t"
                + """
                {"b" : [-1.5e+3,null], "":true,"a":false, "{}":{ },
                "s":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\ude00😀"}
                """);
    assertEquals(new JsonObject(members), read);
    assertEquals(new JsonString("\u2028"), read("\"\u2028\""));
    assertEquals(
        List.copyOf(members.keySet()), List.copyOf(((JsonObject) read).members().keySet()));
  }

  /** A / is the end of a line. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | 1:1 | a value is missing, there is the end",
        "` / ` | 2:2 | a value is missing, there is the end",
        "[1,/ 2,/  x] | 3:3 | a value is missing, there is \"x\"",
        "[1,] | 1:4 | a value is missing",
        "[1 2] | 1:4 | a comma or \"]\" is missing, there is \"2\"",
        "[1 | 1:3 | a comma or \"]\" is missing, there is the end",
        "{\"a\":1,} | 1:8 | a name in quotes is missing",
        "{a:1} | 1:2 | a name in quotes is missing",
        "{\"a\" 1} | 1:6 | \":\" is missing",
        "{\"a\":1,\"\\u0061\":2} | 1:8 | the object has this name twice",
        "[] [] | 1:4 | \"[\" behind the value",
        "nulL | 1:4 | \"l\" is missing, there is \"L\"",
        "True | 1:1 | a value is missing",
        "NaN | 1:1 | a value is missing",
        "01 | 1:2 | a digit behind a leading zero",
        "-01 | 1:3 | a digit behind a leading zero",
        "- | 1:2 | a digit is missing",
        "1. | 1:3 | a digit is missing",
        ".5 | 1:1 | a value is missing",
        "+5 | 1:1 | a value is missing",
        "1e+ | 1:4 | a digit is missing",
        "0x10 | 1:2 | \"x\" behind the value",
        "\"a | 1:3 | the string has no end",
        "\"a/b\" | 1:3 | U+000A in a string",
        "\"\\x\" | 1:3 | \"x\" behind a backslash",
        "\"\\u12g4\" | 1:6 | four hexadecimal digits",
        "\"\\u\uff11\uff11\uff11\uff11\" | 1:4 | four hexadecimal digits",
        "\"\\ud83d\" | 1:2 | half of a surrogate pair",
        "\"a\\ude00\" | 1:3 | half of a surrogate pair",
        "\"\\ud83dx\" | 1:2 | half of a surrogate pair",
        "\"\\ud83d\\ud83d\" | 1:2 | half of a surrogate pair",
        "'a' | 1:1 | a value is missing",
      })
  void whatIsWrongIsToldWithItsPlace(String text, String place, String words) {
    var document = text.replace("/", "\n");
    var e = assertThrows(JsonException.class, () -> read(document));
    assertEquals(place, e.line() + ":" + e.column(), e.getMessage());
    assertTrue(e.getMessage().contains(words), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\ufeff[]",
        "[1/**/]",
        "[1] // one",
        "[]\0",
        "\0",
        "\"\0\"",
        "[\u00a01]",
        "[\u000b1]"
      })
  void whatOthersSkipIsRefused(String text) {
    assertThrows(JsonException.class, () -> read(text));
  }

  @Test
  void whatIsNotUtf8IsRefusedWithItsPlace() {
    byte[] latin = "[\n\"\u00e9\"]".getBytes(StandardCharsets.ISO_8859_1);
    var e = assertThrows(JsonException.class, () -> JsonReader.read(latin));
    assertEquals("line 2, column 2: the bytes are not UTF-8", e.getMessage());
    byte[] cut = {'"', (byte) 0xf0, (byte) 0x9f};
    assertThrows(JsonException.class, () -> JsonReader.read(cut));
    byte[] surrogate = {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'};
    assertThrows(JsonException.class, () -> JsonReader.read(surrogate));
    assertThrows(JsonException.class, () -> JsonReader.read("\"\ud800\""));
  }

  @Test
  void depthAndLengthHaveALimit() throws Exception {
    int max = JsonReader.MAX_DEPTH;
    JsonValue value = read("[".repeat(max) + "]".repeat(max));
    for (int i = 1; i < max; i++) {
      value = ((JsonArray) value).elements().getFirst();
    }
    assertEquals(new JsonArray(List.of()), value);
    read("[" + "[],".repeat(1000) + "{}]");
    for (var deep : List.of("[", "{\"\":", "[{\"a\":")) {
      var e = assertThrows(JsonException.class, () -> read(deep.repeat(100_000)));
      assertTrue(e.getMessage().contains("more than 64"), e.getMessage());
    }
    assertEquals(new JsonNumber("1"), read("1" + " ".repeat(JsonReader.MAX_LENGTH - 1)));
    assertThrows(JsonException.class, () -> read("1" + " ".repeat(JsonReader.MAX_LENGTH)));
  }

  @Test
  void aNumberIsAnIntWhereItCanBe() {
    assertEquals(OptionalInt.of(-2147483648), new JsonNumber("-2147483648").asInt());
    for (var other : List.of("2147483648", "1.0", "1e2", "99999999999999999999")) {
      assertEquals(OptionalInt.empty(), new JsonNumber(other).asInt());
    }
  }

  @Provide
  Arbitrary<JsonValue> values() {
    var strings =
        Arbitraries.strings()
            .all()
            .filter(text -> text.codePoints().noneMatch(JsonReaderTest::isHalf));
    var numbers =
        Arbitraries.oneOf(
            Arbitraries.bigDecimals().map(number -> number.toString()),
            Arbitraries.integers().map(number -> number.toString()),
            Arbitraries.of("0", "-0", "0.0", "1E400", "-1e-9", "123456789012345678901234567890"));
    var leaves =
        Arbitraries.oneOf(
            strings.map(JsonString::new),
            numbers.map(JsonNumber::new),
            Arbitraries.of(true, false).map(JsonBoolean::new),
            Arbitraries.just(new JsonNull()));
    return Arbitraries.recursive(
        () -> leaves.map(leaf -> (JsonValue) leaf),
        inner ->
            Arbitraries.oneOf(
                inner.list().ofMaxSize(4).map(JsonArray::new),
                Arbitraries.maps(strings, inner)
                    .ofMaxSize(4)
                    .map(map -> new JsonObject(new LinkedHashMap<>(map)))),
        0,
        5);
  }

  private static boolean isHalf(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  /** Writes it as the seed has it: escaped or not, with space or without. */
  private static String write(JsonValue value, Random random) {
    var written =
        switch (value) {
          case JsonObject object ->
              object.members().entrySet().stream()
                  .map(
                      member ->
                          space(random)
                              + quote(member.getKey(), random)
                              + space(random)
                              + ":"
                              + write(member.getValue(), random))
                  .collect(Collectors.joining(",", "{", space(random) + "}"));
          case JsonArray array ->
              array.elements().stream()
                  .map(element -> write(element, random))
                  .collect(Collectors.joining(",", "[", space(random) + "]"));
          case JsonString string -> quote(string.text(), random);
          case JsonNumber number -> number.text();
          case JsonBoolean truth -> String.valueOf(truth.value());
          case JsonNull _ -> "null";
        };
    return space(random) + written + space(random);
  }

  private static String space(Random random) {
    return random.nextBoolean() ? "" : " \t\r\n".substring(random.nextInt(4));
  }

  private static String quote(String text, Random random) {
    var out = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            c -> {
              if (c < ' ' || c == '"' || c == '\\' || random.nextInt(4) == 0) {
                Character.toString(c)
                    .chars()
                    .forEach(half -> out.append("\\u%04x".formatted(half)));
              } else {
                out.appendCodePoint(c);
              }
            });
    return out.append('"').toString();
  }

  @Property(tries = 500)
  void whatIsWrittenIsReadAgain(@ForAll("values") JsonValue value, @ForAll long seed)
      throws Exception {
    assertEquals(value, read(write(value, new Random(seed))));
  }

  @Property(tries = 2000)
  void anyBytesAreAValueOrRefused(@ForAll byte[] bytes) {
    valueOrRefusal(bytes);
  }

  @Property(tries = 1000, edgeCases = EdgeCasesMode.NONE)
  void aBrokenTextIsAValueOrRefused(
      @ForAll("values") JsonValue value,
      @ForAll @IntRange(min = 1, max = 4) int times,
      @ForAll long seed) {
    var random = new Random(seed);
    byte[] bytes = write(value, random).getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < times; i++) {
      int at = random.nextInt(bytes.length);
      bytes[at] =
          (byte)
              (random.nextBoolean()
                  ? random.nextInt(256)
                  : "[]{}\",:\\u-0e.".charAt(random.nextInt(13)));
    }
    valueOrRefusal(bytes);
    valueOrRefusal(java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length)));
  }

  private static void valueOrRefusal(byte[] bytes) {
    try {
      JsonReader.read(bytes);
    } catch (JsonException e) {
      long lines = new String(bytes, StandardCharsets.UTF_8).lines().count();
      assertTrue(e.line() >= 1 && e.column() >= 1, e.getMessage());
      assertTrue(e.line() <= lines + 1 && e.column() <= bytes.length + 1, e.getMessage());
      assertFalse(e.getMessage().chars().anyMatch(c -> c < ' '), e.getMessage());
    }
  }
}
