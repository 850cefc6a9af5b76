package io.github.purebpf.text;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/** The table of all forms, {@code forms.txt}. */
final class Forms {
  /**
   * One form.
   *
   * @param hex its bytes, little endian
   */
  record Form(String hex, String kernel, String llvm) {
    byte[] bytes() {
      return HexFormat.of().parseHex(hex);
    }

    String text(Dialect dialect) {
      return dialect == Dialect.KERNEL ? kernel : llvm;
    }
  }

  private Forms() {}

  static List<Form> all() {
    return resource("forms.txt")
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split(" \\| ", -1))
        .map(columns -> new Form(columns[0], columns[1], columns[2]))
        .toList();
  }

  static String resource(String name) {
    try (var in = Forms.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
