package io.github.purebpf.redirect.controller;

import io.github.purebpf.redirect.AddressLease;
import io.github.purebpf.redirect.WeightedServer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How things stand with a controller.
 *
 * @param source what it asks
 * @param answered whether the source has named servers since the controller started
 * @param age how long ago it did so for the last time, or since the start
 * @param problem why the source is not believed now; one line
 * @param servers those that are known, in the order in which they came
 * @param leases the addresses that containers have of their own, by ascending address
 */
public record ControllerStatus(
    String source,
    boolean answered,
    Duration age,
    Optional<String> problem,
    List<ServerStatus> servers,
    List<AddressLease> leases) {
  /** How a server stands. */
  public record ServerStatus(WeightedServer server, Standing standing) {}

  /** Keeps copies. */
  public ControllerStatus {
    servers = List.copyOf(servers);
    leases = List.copyOf(leases);
  }

  /** Whether connects find a server: one that gets connects is known. */
  public boolean isReady() {
    return servers.stream()
        .anyMatch(
            server ->
                switch (server.standing()) {
                  case ACTIVE, HELD, PANIC -> true;
                  case UNHEALTHY, LEAVING -> false;
                });
  }
}
