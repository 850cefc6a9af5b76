package io.github.purebpf.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/**
 * A form of BPF instruction with the bytes that llvm-mc 22 makes of it, see {@code
 * build/golden-forms.sh}.
 *
 * @param text how LLVM writes it
 * @param little its bytes in hexadecimal on a little-endian machine
 * @param big its bytes in hexadecimal on a big-endian machine
 */
public record GoldenForm(String text, String little, String big) {
  /** All forms that LLVM's text can express. */
  public static List<GoldenForm> all() {
    try (var in = GoldenForm.class.getResourceAsStream("forms.tsv")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\t", -1))
          .map(columns -> new GoldenForm(columns[0], columns[1], columns[2]))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The bytes for a byte order, in hexadecimal. */
  public String hex(ByteOrder order) {
    return order == ByteOrder.BIG_ENDIAN ? big : little;
  }

  /** The bytes for a byte order. */
  public byte[] bytes(ByteOrder order) {
    return HexFormat.of().parseHex(hex(order));
  }

  @Override
  public String toString() {
    return text;
  }
}
