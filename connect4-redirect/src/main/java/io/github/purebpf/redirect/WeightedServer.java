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
}
