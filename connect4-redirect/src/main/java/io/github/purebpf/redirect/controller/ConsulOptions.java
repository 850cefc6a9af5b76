package io.github.purebpf.redirect.controller;

import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What Consul is asked for, where and how.
 *
 * @param addresses of Consul's HTTP API, at servers or at agents: {@code http://10.0.0.1:8500},
 *     {@code https://10.0.0.1:8501}, with a path in front of {@code /v1} if a proxy wants one. One
 *     is asked at a time, a random one, so that many hosts spread over them, and a random other
 *     when it fails. What Consul answers adds none
 * @param service whose instances are the servers; {@code consul} are Consul's own
 * @param datacenter another than that of the server asked
 * @param namespace of Consul Enterprise
 * @param partition of Consul Enterprise
 * @param token for Consul's ACLs
 * @param tls for {@code https} addresses
 * @param longestWait how long Consul holds a request while nothing changes, 1 second to 10 minutes.
 *     It is also how long it takes until a server that died without a word is asked no longer
 * @param stale whether any server may answer, also one that is behind its leader or has lost it;
 *     its answer is then doubtful. Without, the leader answers all
 * @param staleLimit how far behind its leader an answer may be without doubt
 * @param preferTls whether {@code grpc_tls_port} of a server is taken before {@code grpc_port}, or
 *     the other way round; either is taken where it is the only one
 * @param defaultPort for servers that tell neither
 * @param readReplicas whether servers count that have no vote; consul-dataplane takes them, too
 */
public record ConsulOptions(
    List<URI> addresses,
    String service,
    Optional<String> datacenter,
    Optional<String> namespace,
    Optional<String> partition,
    ConsulToken token,
    ConsulTls tls,
    Duration longestWait,
    boolean stale,
    Duration staleLimit,
    boolean preferTls,
    int defaultPort,
    boolean readReplicas) {
  private static final Duration SHORTEST_WAIT = Duration.ofSeconds(1);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

  /** Refuses what cannot be asked. */
  public ConsulOptions {
    addresses = List.copyOf(addresses);
    if (addresses.isEmpty()) {
      throw new IllegalArgumentException("no address of Consul is given");
    }
    if (new HashSet<>(addresses).size() < addresses.size()) {
      throw new IllegalArgumentException("an address of Consul is given twice");
    }
    addresses.forEach(ConsulOptions::requireHttp);
    if (service.isBlank()) {
      throw new IllegalArgumentException("the name of the service is empty");
    }
    Objects.requireNonNull(datacenter, "datacenter");
    Objects.requireNonNull(namespace, "namespace");
    Objects.requireNonNull(partition, "partition");
    Objects.requireNonNull(token, "token");
    Objects.requireNonNull(tls, "tls");
    if (longestWait.compareTo(SHORTEST_WAIT) < 0 || longestWait.compareTo(LONGEST_WAIT) > 0) {
      throw new IllegalArgumentException(
          "wait %s is not from 1 s to 10 min".formatted(longestWait));
    }
    if (staleLimit.isNegative()) {
      throw new IllegalArgumentException("stale limit %s is below zero".formatted(staleLimit));
    }
    if (defaultPort < 1 || defaultPort > 65_535) {
      throw new IllegalArgumentException("port " + defaultPort + " is not from 1 to 65535");
    }
  }

  private static void requireHttp(URI address) {
    boolean http = "http".equals(address.getScheme()) || "https".equals(address.getScheme());
    if (!http || address.getHost() == null) {
      throw new IllegalArgumentException(
          "\"%s\" is no address such as https://10.0.0.1:8501".formatted(address));
    }
    if (address.getRawUserInfo() != null
        || address.getRawQuery() != null
        || address.getRawFragment() != null) {
      // Not shown, because it may be a secret.
      throw new IllegalArgumentException(
          "the address of Consul at %s holds more than host, port and path; a token belongs in a file"
              .formatted(address.getHost()));
    }
  }

  /** Consul's own servers, asked at these addresses without a token. */
  public static ConsulOptions of(List<URI> addresses) {
    return new ConsulOptions(
        addresses,
        "consul",
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        new ConsulToken.Anonymous(),
        ConsulTls.DEFAULT,
        Duration.ofMinutes(5),
        true,
        Duration.ofSeconds(10),
        true,
        8502,
        true);
  }

  /** The same for another service. */
  public ConsulOptions withService(String name) {
    return new ConsulOptions(
        addresses,
        name,
        datacenter,
        namespace,
        partition,
        token,
        tls,
        longestWait,
        stale,
        staleLimit,
        preferTls,
        defaultPort,
        readReplicas);
  }

  /** The same in another datacenter. */
  public ConsulOptions withDatacenter(String name) {
    return new ConsulOptions(
        addresses,
        service,
        Optional.of(name),
        namespace,
        partition,
        token,
        tls,
        longestWait,
        stale,
        staleLimit,
        preferTls,
        defaultPort,
        readReplicas);
  }

  /** The same in another namespace. */
  public ConsulOptions withNamespace(String name) {
    return new ConsulOptions(
        addresses,
        service,
        datacenter,
        Optional.of(name),
        partition,
        token,
        tls,
        longestWait,
        stale,
        staleLimit,
        preferTls,
        defaultPort,
        readReplicas);
  }

  /** The same in another partition. */
  public ConsulOptions withPartition(String name) {
    return new ConsulOptions(
        addresses,
        service,
        datacenter,
        namespace,
        Optional.of(name),
        token,
        tls,
        longestWait,
        stale,
        staleLimit,
        preferTls,
        defaultPort,
        readReplicas);
  }

  /** The same with another token. */
  public ConsulOptions withToken(ConsulToken newToken) {
    return new ConsulOptions(
        addresses,
        service,
        datacenter,
        namespace,
        partition,
        newToken,
        tls,
        longestWait,
        stale,
        staleLimit,
        preferTls,
        defaultPort,
        readReplicas);
  }

  /** The same with another TLS. */
  public ConsulOptions withTls(ConsulTls newTls) {
    return new ConsulOptions(
        addresses,
        service,
        datacenter,
        namespace,
        partition,
        token,
        newTls,
        longestWait,
        stale,
        staleLimit,
        preferTls,
        defaultPort,
        readReplicas);
  }

  /** The same with another wait. */
  public ConsulOptions withLongestWait(Duration wait) {
    return new ConsulOptions(
        addresses,
        service,
        datacenter,
        namespace,
        partition,
        token,
        tls,
        wait,
        stale,
        staleLimit,
        preferTls,
        defaultPort,
        readReplicas);
  }

  /** The same with or without answers of servers that are behind. */
  public ConsulOptions withStale(boolean allowed) {
    return new ConsulOptions(
        addresses,
        service,
        datacenter,
        namespace,
        partition,
        token,
        tls,
        longestWait,
        allowed,
        staleLimit,
        preferTls,
        defaultPort,
        readReplicas);
  }

  /** The same with another limit to how far behind an answer may be. */
  public ConsulOptions withStaleLimit(Duration limit) {
    return new ConsulOptions(
        addresses,
        service,
        datacenter,
        namespace,
        partition,
        token,
        tls,
        longestWait,
        stale,
        limit,
        preferTls,
        defaultPort,
        readReplicas);
  }

  /** The same with another preference of ports. */
  public ConsulOptions withPreferTls(boolean prefer) {
    return new ConsulOptions(
        addresses,
        service,
        datacenter,
        namespace,
        partition,
        token,
        tls,
        longestWait,
        stale,
        staleLimit,
        prefer,
        defaultPort,
        readReplicas);
  }

  /** The same with another port for servers that tell none. */
  public ConsulOptions withDefaultPort(int port) {
    return new ConsulOptions(
        addresses,
        service,
        datacenter,
        namespace,
        partition,
        token,
        tls,
        longestWait,
        stale,
        staleLimit,
        preferTls,
        port,
        readReplicas);
  }

  /** The same with or without servers that have no vote. */
  public ConsulOptions withReadReplicas(boolean count) {
    return new ConsulOptions(
        addresses,
        service,
        datacenter,
        namespace,
        partition,
        token,
        tls,
        longestWait,
        stale,
        staleLimit,
        preferTls,
        defaultPort,
        count);
  }
}
