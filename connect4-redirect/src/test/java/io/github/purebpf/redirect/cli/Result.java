package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a command that ran in this JVM has said, with {@code \n} at the ends of its lines. */
record Result(ExitCode exitCode, String out, String err) {
  static Result of(String... words) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    var exitCode = Main.run(List.of(words), printer(out), printer(err));
    return new Result(exitCode, text(out), text(err));
  }

  /** The error message, after checking that it is one line and that nothing else was printed. */
  String onlyError() {
    assertEquals("", out);
    var prefix = "connect4-redirect: ";
    assertTrue(err.startsWith(prefix), err);
    assertEquals(err.length() - 1, err.indexOf('\n'), err);
    return err.strip();
  }

  private static PrintStream printer(ByteArrayOutputStream to) {
    return new PrintStream(to, true, StandardCharsets.UTF_8);
  }

  private static String text(ByteArrayOutputStream from) {
    return from.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }
}
