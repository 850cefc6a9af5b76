package io.github.purebpf.redirect.cli.metrics;

import java.util.function.Supplier;

/**
 * The answer to somebody who asks for the figures.
 *
 * @param status of HTTP: 200, or 503 if there are none now
 * @param body the exposition, or the sentence that says why there is none
 */
public record Scrape(int status, String body) {
  private static final int OK = 200;
  private static final String PLAIN = "text/plain; charset=utf-8";

  /** What the body is. */
  String contentType() {
    return status == OK ? Exposition.CONTENT_TYPE : PLAIN;
  }

  /** The answer to a request for something else. */
  static Scrape refusal(int status, String sentence) {
    return new Scrape(status, sentence + "\n");
  }

  /** Whether the figures are to be told to somebody who asks in this way. */
  static Scrape answer(String method, String path, Supplier<Scrape> figures) {
    if (!method.equals("GET") && !method.equals("HEAD")) {
      return refusal(405, "GET and HEAD are answered");
    }
    int query = path.indexOf('?');
    return (query < 0 ? path : path.substring(0, query)).equals("/metrics")
        ? figures.get()
        : refusal(404, "the figures are at /metrics");
  }
}
