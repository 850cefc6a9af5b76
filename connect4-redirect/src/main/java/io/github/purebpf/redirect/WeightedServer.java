package io.github.purebpf.redirect;

import java.util.Objects;

/**
 * A server and its share of the connects.
 *
 * @param server where to
 * @param weight 1 to 65,535; twice the weight, twice the share
 */
public record WeightedServer(Server server, int weight) {
  /** Refuses a weight out of range. */
  public WeightedServer {
    Objects.requireNonNull(server, "server");
    if (weight < 1 || weight > 65_535) {
      throw new IllegalArgumentException(
          "weight %d of %s is not from 1 to 65535".formatted(weight, server));
    }
  }

  /** With the weight 1. */
  public WeightedServer(Server server) {
    this(server, 1);
  }

  /**
   * Reads {@code "10.0.0.1:8500*3"}; the weight 1 may be left out.
   *
   * @throws IllegalArgumentException if the text is anything else; the message says what is wrong
   */
  public static WeightedServer parse(String text) {
    int star = text.indexOf('*');
    return star < 0
        ? new WeightedServer(Server.parse(text))
        : new WeightedServer(
            Server.parse(text.substring(0, star)), parseWeight(text.substring(star + 1)));
  }

  /**
   * Reads a weight.
   *
   * @throws IllegalArgumentException if the text is no number from 1 to 65535
   */
  public static int parseWeight(String text) {
    if (!text.matches("[1-9][0-9]{0,4}") || Integer.parseInt(text) > 65_535) {
      throw new IllegalArgumentException("\"" + text + "\" is no weight, a number from 1 to 65535");
    }
    return Integer.parseInt(text);
  }
}
