package io.github.purebpf.redirect.cli.metrics;

import java.util.Objects;

/**
 * The answer to somebody who asks over HTTP.
 *
 * @param status of HTTP
 * @param contentType what the body is
 * @param body all of it
 */
public record Answer(int status, String contentType, String body) {
  private static final String PLAIN = "text/plain; charset=utf-8";

  /** Refuses null. */
  public Answer {
    Objects.requireNonNull(contentType, "contentType");
    Objects.requireNonNull(body, "body");
  }

  /**
   * The figures.
   *
   * @param exposition as {@link Exposition} writes them
   */
  public static Answer figures(String exposition) {
    return new Answer(200, Exposition.CONTENT_TYPE, exposition);
  }

  /** A sentence, such as why there are no figures now. */
  public static Answer sentence(int status, String sentence) {
    return new Answer(status, PLAIN, sentence + "\n");
  }
}
