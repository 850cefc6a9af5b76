package io.github.purebpf.redirect.consul;

import java.io.Serial;
import java.time.Duration;

/** No answer that makes sense. The message is one line, says what to do, and holds no secret. */
final class ConsulException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  private final Duration retryAfter;

  ConsulException(String message) {
    this(message, Duration.ZERO);
  }

  ConsulException(String message, Duration retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
  }

  /** For how long Consul wants to be left alone; zero if it did not say. */
  Duration retryAfter() {
    return retryAfter;
  }
}
