package io.github.purebpf.redirect.json;

import io.github.purebpf.redirect.json.JsonValue.JsonArray;
import io.github.purebpf.redirect.json.JsonValue.JsonBoolean;
import io.github.purebpf.redirect.json.JsonValue.JsonNull;
import io.github.purebpf.redirect.json.JsonValue.JsonNumber;
import io.github.purebpf.redirect.json.JsonValue.JsonObject;
import io.github.purebpf.redirect.json.JsonValue.JsonString;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;

/**
 * Reads one JSON value as RFC 8259 has it, and nothing else: no comments, no comma behind the last,
 * no byte order mark. Beyond the RFC it refuses a name that an object has twice, because two
 * readers would take two different values, and half of a surrogate pair, which is no text.
 */
public final class JsonReader {
  /** How long a text may be, in bytes or in chars. */
  public static final int MAX_LENGTH = 4 << 20;

  /** How deep arrays and objects may be in one another. */
  public static final int MAX_DEPTH = 64;

  private static final int END = -1;

  private final CharSequence text;
  private int at;
  private int depth;

  private JsonReader(CharSequence text) {
    this.text = text;
  }

  /**
   * Reads UTF-8.
   *
   * @throws JsonException if the bytes are no JSON, or more than {@link #MAX_LENGTH}
   */
  public static JsonValue read(byte[] utf8) throws JsonException {
    if (utf8.length > MAX_LENGTH) {
      throw tooLong();
    }
    var chars = CharBuffer.allocate(utf8.length);
    var decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    boolean malformed = decoder.decode(ByteBuffer.wrap(utf8), chars, true).isError();
    chars.flip();
    if (malformed) {
      var reader = new JsonReader(chars);
      reader.at = chars.length();
      throw reader.wrong("the bytes are not UTF-8");
    }
    return read(chars);
  }

  /**
   * Reads a text.
   *
   * @throws JsonException if it is no JSON, or longer than {@link #MAX_LENGTH}
   */
  public static JsonValue read(CharSequence text) throws JsonException {
    if (text.length() > MAX_LENGTH) {
      throw tooLong();
    }
    var reader = new JsonReader(text);
    reader.skipSpace();
    var value = reader.value();
    reader.skipSpace();
    if (reader.peek() != END) {
      throw reader.wrong(reader.found() + " behind the value");
    }
    return value;
  }

  private static JsonException tooLong() {
    return new JsonException(1, 1, "the text is longer than " + MAX_LENGTH);
  }

  private JsonValue value() throws JsonException {
    return switch (peek()) {
      case '{' -> object();
      case '[' -> array();
      case '"' -> new JsonString(string());
      case 't' -> word("true", new JsonBoolean(true));
      case 'f' -> word("false", new JsonBoolean(false));
      case 'n' -> word("null", new JsonNull());
      case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
      default -> throw wrong("a value is missing, there is " + found());
    };
  }

  private JsonValue object() throws JsonException {
    enter();
    var members = new LinkedHashMap<String, JsonValue>();
    if (peek() != '}') {
      do {
        skipSpace();
        int begin = at;
        if (peek() != '"') {
          throw wrong("a name in quotes is missing, there is " + found());
        }
        var name = string();
        if (members.containsKey(name)) {
          at = begin;
          throw wrong("the object has this name twice");
        }
        skipSpace();
        expect(':');
        skipSpace();
        members.put(name, value());
        skipSpace();
      } while (accept(','));
    }
    leave('}');
    return new JsonObject(members);
  }

  private JsonValue array() throws JsonException {
    enter();
    var elements = new ArrayList<JsonValue>();
    if (peek() != ']') {
      do {
        skipSpace();
        elements.add(value());
        skipSpace();
      } while (accept(','));
    }
    leave(']');
    return new JsonArray(elements);
  }

  private void enter() throws JsonException {
    if (++depth > MAX_DEPTH) {
      throw wrong("more than " + MAX_DEPTH + " arrays and objects in one another");
    }
    at++;
    skipSpace();
  }

  private void leave(char bracket) throws JsonException {
    if (!accept(bracket)) {
      throw wrong("a comma or \"" + bracket + "\" is missing, there is " + found());
    }
    depth--;
  }

  private JsonValue word(String word, JsonValue value) throws JsonException {
    for (int i = 0; i < word.length(); i++) {
      expect(word.charAt(i));
    }
    return value;
  }

  private JsonValue number() throws JsonException {
    int begin = at;
    accept('-');
    if (!accept('0')) {
      digits();
    } else if (isDigit()) {
      throw wrong("a digit behind a leading zero");
    }
    if (accept('.')) {
      digits();
    }
    if (accept('e') || accept('E')) {
      if (!accept('+')) {
        accept('-');
      }
      digits();
    }
    return new JsonNumber(text.subSequence(begin, at).toString());
  }

  private void digits() throws JsonException {
    if (!isDigit()) {
      throw wrong("a digit is missing, there is " + found());
    }
    while (isDigit()) {
      at++;
    }
  }

  private boolean isDigit() {
    return peek() >= '0' && peek() <= '9';
  }

  private String string() throws JsonException {
    at++;
    var out = new StringBuilder();
    while (!accept('"')) {
      int begin = at;
      char c = character();
      out.append(c);
      if (Character.isLowSurrogate(c)
          || (Character.isHighSurrogate(c) && !Character.isLowSurrogate(second(out)))) {
        at = begin;
        throw wrong("half of a surrogate pair");
      }
    }
    return out.toString();
  }

  /** What follows the first half of a pair; 0 at the end of the string. */
  private char second(StringBuilder out) throws JsonException {
    if (peek() == '"' || peek() == END) {
      return 0;
    }
    char c = character();
    out.append(c);
    return c;
  }

  private char character() throws JsonException {
    int c = peek();
    if (c == END) {
      throw wrong("the string has no end");
    }
    if (c < ' ') {
      throw wrong(found() + " in a string");
    }
    at++;
    return c == '\\' ? escape() : (char) c;
  }

  private char escape() throws JsonException {
    int c = peek();
    char meant =
        switch (c) {
          case '"', '\\', '/' -> (char) c;
          case 'b' -> '\b';
          case 'f' -> '\f';
          case 'n' -> '\n';
          case 'r' -> '\r';
          case 't' -> '\t';
          case 'u' -> 'u';
          default -> throw wrong(found() + " behind a backslash");
        };
    at++;
    return meant == 'u' ? hexadecimal() : meant;
  }

  private char hexadecimal() throws JsonException {
    int code = 0;
    for (int i = 0; i < 4; i++) {
      int c = peek();
      int digit = c < 128 ? Character.digit(c, 16) : END;
      if (digit < 0) {
        throw wrong("four hexadecimal digits belong behind \\u, there is " + found());
      }
      code = code << 4 | digit;
      at++;
    }
    return (char) code;
  }

  private void skipSpace() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') {
      at++;
    }
  }

  private boolean accept(char c) {
    if (peek() != c) {
      return false;
    }
    at++;
    return true;
  }

  private void expect(char c) throws JsonException {
    if (!accept(c)) {
      throw wrong("\"" + c + "\" is missing, there is " + found());
    }
  }

  private int peek() {
    return at < text.length() ? text.charAt(at) : END;
  }

  private String found() {
    int c = peek();
    if (c == END) {
      return "the end";
    }
    return c > ' ' && c <= '~' ? "\"" + (char) c + "\"" : "U+%04X".formatted(c);
  }

  private JsonException wrong(String why) {
    int line = 1;
    int begin = 0;
    for (int i = 0; i < at; i++) {
      if (text.charAt(i) == '\n') {
        line++;
        begin = i + 1;
      }
    }
    return new JsonException(line, at - begin + 1, why);
  }
}
