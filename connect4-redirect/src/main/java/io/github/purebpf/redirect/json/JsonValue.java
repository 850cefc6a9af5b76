package io.github.purebpf.redirect.json;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/** A JSON value, as RFC 8259 has it. */
public sealed interface JsonValue {
  /**
   * An object.
   *
   * @param members in the order of the text
   */
  record JsonObject(SequencedMap<String, JsonValue> members) implements JsonValue {
    /** Keeps the order. */
    public JsonObject {
      members = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(members));
    }
  }

  /** An array. */
  record JsonArray(List<JsonValue> elements) implements JsonValue {
    /** Refuses null. */
    public JsonArray {
      elements = List.copyOf(elements);
    }
  }

  /** A string. */
  record JsonString(String text) implements JsonValue {}

  /**
   * A number, as it is written: what it means is up to who needs it, and costs nothing before.
   *
   * @param text such as {@code -1.5e3}
   */
  record JsonNumber(String text) implements JsonValue {
    private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,10}");

    /** The number, if it is written without fraction and exponent and an int can hold it. */
    public OptionalInt asInt() {
      if (!INTEGER.matcher(text).matches()) {
        return OptionalInt.empty();
      }
      long number = Long.parseLong(text);
      return number == (int) number ? OptionalInt.of((int) number) : OptionalInt.empty();
    }
  }

  /** {@code true} or {@code false}. */
  record JsonBoolean(boolean value) implements JsonValue {}

  /** {@code null}. */
  record JsonNull() implements JsonValue {}
}
