package io.github.purebpf.redirect;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A virtual address, the servers behind it, and how a connect finds one of them.
 *
 * @param vip what programs connect to
 * @param servers where connects go, at most {@value #MOST_SERVERS}, none twice
 * @param policy how one is chosen
 * @param noServer what happens where there is none
 * @param keepalive how connections are probed; empty to leave that to the program
 */
public record Service(
    VirtualAddress vip,
    List<WeightedServer> servers,
    Policy policy,
    NoServer noServer,
    Optional<Keepalive> keepalive) {
  /** The most servers of one virtual address. */
  public static final int MOST_SERVERS = 64;

  /** Refuses too many servers, and one that is there twice. */
  public Service {
    Objects.requireNonNull(vip, "vip");
    Objects.requireNonNull(policy, "policy");
    Objects.requireNonNull(noServer, "noServer");
    Objects.requireNonNull(keepalive, "keepalive");
    servers = List.copyOf(servers);
    if (servers.size() > MOST_SERVERS) {
      throw new IllegalArgumentException(
          "%s has %d servers; at most %d are possible"
              .formatted(vip, servers.size(), MOST_SERVERS));
    }
    var seen = new HashSet<Server>();
    for (var weighted : servers) {
      if (!seen.add(weighted.server())) {
        throw new IllegalArgumentException(
            "%s has the server %s twice; give it the double weight"
                .formatted(vip, weighted.server()));
      }
    }
  }

  /**
   * Servers of equal weight, of which the one with the fewest connections is taken; without any,
   * connects are refused.
   */
  public static Service of(VirtualAddress vip, Server... servers) {
    return new Service(
        vip,
        Arrays.stream(servers).map(WeightedServer::new).toList(),
        Policy.LEAST_CONNECTIONS,
        NoServer.REFUSE,
        Optional.empty());
  }

  /** The same for another virtual address. */
  public Service withVip(VirtualAddress newVip) {
    return new Service(newVip, servers, policy, noServer, keepalive);
  }

  /** The same with other servers. */
  public Service withServers(List<WeightedServer> newServers) {
    return new Service(vip, newServers, policy, noServer, keepalive);
  }

  /** The same with another policy. */
  public Service withPolicy(Policy newPolicy) {
    return new Service(vip, servers, newPolicy, noServer, keepalive);
  }

  /** The same with something else where there is no server. */
  public Service withNoServer(NoServer newNoServer) {
    return new Service(vip, servers, policy, newNoServer, keepalive);
  }

  /** The same with connections that are probed. */
  public Service withKeepalive(Keepalive newKeepalive) {
    return new Service(vip, servers, policy, noServer, Optional.of(newKeepalive));
  }
}
