package io.github.purebpf.redirect.controller;

import io.github.purebpf.redirect.consul.ConsulWatch;

/**
 * The instances of a service that pass their health checks in Consul, by default Consul's own
 * servers.
 *
 * <p>Consul holds each request until something changes, so a change is known at once. Whatever goes
 * wrong, at most three requests a second are sent; after failures ever fewer, down to one or two a
 * minute.
 */
public final class ConsulSource {
  private ConsulSource() {}

  /** One that asks as the options say. */
  public static ServerSource of(ConsulOptions options) {
    return new ConsulWatch(options);
  }
}
