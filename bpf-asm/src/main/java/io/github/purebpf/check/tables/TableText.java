package io.github.purebpf.check.tables;

import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** The lines of a table, without comments, split into words. */
final class TableText {
  private static final String DIRECTORY = "/io/github/purebpf/check/";

  private TableText() {}

  static List<String[]> read(String name) {
    try (var in = TableText.class.getResourceAsStream(DIRECTORY + name);
        var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return reader
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(line -> line.split(" ", -1))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("table " + name, e);
    }
  }

  static ProgramType programType(String word) {
    return ProgramType.valueOf(word.toUpperCase(Locale.ROOT));
  }

  static AttachType attachType(String word) {
    return AttachType.valueOf(word.toUpperCase(Locale.ROOT));
  }
}
