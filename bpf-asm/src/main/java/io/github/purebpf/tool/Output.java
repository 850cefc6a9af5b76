package io.github.purebpf.tool;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Where answers go. What cannot be written ends the program, by a {@link Failure}. */
final class Output {
  private final BufferedOutputStream out;

  Output(OutputStream out) {
    this.out = new BufferedOutputStream(out, 1 << 16);
  }

  /** The output is full, broken or closed. */
  static final class Failure extends UncheckedIOException {
    private static final long serialVersionUID = 1L;

    Failure(IOException cause) {
      super(cause);
    }

    /** Whether whoever read it has gone, as {@code head} does when it has enough. */
    boolean isReaderGone() {
      var message = getCause().getMessage();
      return message != null && message.contains("Broken pipe");
    }
  }

  void bytes(byte[] bytes) {
    try {
      out.write(bytes);
    } catch (IOException e) {
      throw new Failure(e);
    }
  }

  void text(String text) {
    bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  void line(String line) {
    text(line + "\n");
  }

  void flush() {
    try {
      out.flush();
    } catch (IOException e) {
      throw new Failure(e);
    }
  }
}
