package io.github.purebpf.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a run of the command has written, and its exit status. */
final class Run {
  private final int status;
  private final byte[] bytes;
  private final String err;

  Run(int status, byte[] bytes, String err) {
    this.status = status;
    this.bytes = bytes;
    this.err = err;
  }

  int status() {
    return status;
  }

  byte[] bytes() {
    return bytes;
  }

  String err() {
    return err;
  }

  static Run of(String in, String... words) {
    return of(in.getBytes(StandardCharsets.UTF_8), words);
  }

  static Run of(byte[] in, String... words) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    int status =
        Main.run(
            List.of(words),
            new ByteArrayInputStream(in),
            out,
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Run(status, out.toByteArray(), err.toString(StandardCharsets.UTF_8));
  }

  String out() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** It has done what was asked for and printed this, nothing else. */
  void succeeds(String expected) {
    assertEquals("", err);
    assertEquals(expected, out());
    assertEquals(Main.OK, status);
  }

  /** The input has errors; the answer to what was asked for is this. */
  void finds(String expectedOut, String expectedErr) {
    assertEquals(expectedOut, out());
    assertEquals(expectedErr, err);
    assertEquals(Main.ERRORS, status);
  }

  /** It has refused the command line with one line, and printed nothing. */
  void refuses(String expected) {
    assertEquals(expected + "\n", err);
    assertEquals("", out());
    assertEquals(Main.USAGE, status);
  }
}
