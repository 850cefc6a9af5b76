package io.github.purebpf.tool;

import io.github.purebpf.insn.Slot;
import io.github.purebpf.text.TextError;
import java.io.ByteArrayOutputStream;
import java.util.HexFormat;

/**
 * Reads and writes bytes as hexadecimal digits. Blanks and line ends between bytes, {@code 0x} in
 * front of them, commas behind them and capital letters are accepted.
 */
final class Hex {
  private final Input input;
  private final String text;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private int at;

  private Hex(Input input) {
    this.input = input;
    this.text = input.text();
  }

  static String print(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /** The bytes of a program: pairs of digits, eight to an instruction's slot. */
  static byte[] read(Input input) {
    return new Hex(input).read();
  }

  private byte[] read() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c <= ' ' || c == ',') {
        at++;
      } else if (text.startsWith("0x", at) || text.startsWith("0X", at)) {
        at += 2;
        digits();
      } else {
        digits();
      }
    }
    if (bytes.size() % Slot.BYTES != 0) {
      throw wrong(
          endOfDigits(),
          "%d bytes; an instruction has %d, and %d are missing"
              .formatted(bytes.size(), Slot.BYTES, Slot.BYTES - bytes.size() % Slot.BYTES));
    }
    return bytes.toByteArray();
  }

  /** Digits up to the next mark, at least two. */
  private void digits() {
    int start = at;
    while (at < text.length() && HexFormat.isHexDigit(text.charAt(at))) {
      at++;
    }
    if (at < text.length() && text.charAt(at) > ' ' && text.charAt(at) != ',') {
      throw wrong(at, "expected hexadecimal digits, found " + shown(text.codePointAt(at)));
    }
    if (start == at || (at - start) % 2 != 0) {
      throw wrong(Math.max(start, at - 1), "expected a second digit: a byte has two");
    }
    for (int i = start; i < at; i += 2) {
      bytes.write(HexFormat.fromHexDigits(text, i, i + 2));
    }
  }

  private static String shown(int c) {
    return c > ' ' && c < 127 ? "\"" + (char) c + "\"" : "U+%04X".formatted(c);
  }

  private int endOfDigits() {
    return text.stripTrailing().length();
  }

  private InputException wrong(int offset, String problem) {
    int from = text.lastIndexOf('\n', offset - 1) + 1;
    int end = text.indexOf('\n', from);
    var line = text.substring(from, end < 0 ? text.length() : end).stripTrailing();
    int number = (int) text.substring(0, from).chars().filter(c -> c == '\n').count() + 1;
    return new InputException(
        new TextError(input.name(), number, offset - from + 1, 1, line, problem));
  }
}
