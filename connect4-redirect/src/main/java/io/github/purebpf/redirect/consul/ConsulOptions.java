package io.github.purebpf.redirect.consul;

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
 * @param query what is asked for
 * @param token for Consul's ACLs
 * @param tls for {@code https} addresses
 * @param freshness how old an answer may be
 * @param instances which of the answer are servers, and at which port
 */
public record ConsulOptions(
    List<URI> addresses,
    Query query,
    ConsulToken token,
    ConsulTls tls,
    Freshness freshness,
    Instances instances) {
  /**
   * What is asked for.
   *
   * @param service whose instances are the servers; {@code consul} are Consul's own
   * @param datacenter another than that of the server asked
   * @param namespace of Consul Enterprise
   * @param partition of Consul Enterprise
   */
  public record Query(
      String service,
      Optional<String> datacenter,
      Optional<String> namespace,
      Optional<String> partition) {
    /** Consul's own servers. */
    public static final Query CONSUL = of("consul");

    /** Refuses an empty name. */
    public Query {
      if (service.isBlank()) {
        throw new IllegalArgumentException("the name of the service is empty");
      }
      Objects.requireNonNull(datacenter, "datacenter");
      Objects.requireNonNull(namespace, "namespace");
      Objects.requireNonNull(partition, "partition");
    }

    /** A service where the server asked looks for it by itself. */
    public static Query of(String service) {
      return new Query(service, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** The same in another datacenter. */
    public Query withDatacenter(String name) {
      return new Query(service, Optional.of(name), namespace, partition);
    }

    /** The same in a namespace. */
    public Query withNamespace(String name) {
      return new Query(service, datacenter, Optional.of(name), partition);
    }

    /** The same in a partition. */
    public Query withPartition(String name) {
      return new Query(service, datacenter, namespace, Optional.of(name));
    }
  }

  /**
   * How old an answer may be.
   *
   * @param longestWait how long Consul holds a request while nothing changes, 1 second to 10
   *     minutes. It is also how long it takes until a server that died without a word is asked no
   *     longer
   * @param staleLimit how far behind its leader an answer may be without doubt. Any server may
   *     answer then, also one that has lost its leader, which is doubtful, too. If it is empty, the
   *     leader answers all
   */
  public record Freshness(Duration longestWait, Optional<Duration> staleLimit) {
    private static final Duration SHORTEST_WAIT = Duration.ofSeconds(1);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    /** Five minutes, and ten seconds. */
    public static final Freshness DEFAULT =
        new Freshness(Duration.ofMinutes(5), Optional.of(Duration.ofSeconds(10)));

    /** Refuses what is out of range. */
    public Freshness {
      if (longestWait.compareTo(SHORTEST_WAIT) < 0 || longestWait.compareTo(LONGEST_WAIT) > 0) {
        throw new IllegalArgumentException(
            "wait %s is not from 1 s to 10 min".formatted(longestWait));
      }
      staleLimit.ifPresent(
          limit -> {
            if (limit.isNegative()) {
              throw new IllegalArgumentException("stale limit %s is below zero".formatted(limit));
            }
          });
    }
  }

  /**
   * Which instances are servers, and at which port.
   *
   * @param preferTls whether {@code grpc_tls_port} of an instance is taken before {@code
   *     grpc_port}, or the other way round; either is taken where it is the only one
   * @param defaultPort for instances that tell neither
   * @param readReplicas whether those count that have no vote; consul-dataplane takes them, too
   */
  public record Instances(boolean preferTls, int defaultPort, boolean readReplicas) {
    /** All, at the port for TLS, or 8502. */
    public static final Instances DEFAULT = new Instances(true, 8502, true);

    /** Refuses what is no port. */
    public Instances {
      if (defaultPort < 1 || defaultPort > 65_535) {
        throw new IllegalArgumentException("port " + defaultPort + " is not from 1 to 65535");
      }
    }
  }

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
    Objects.requireNonNull(query, "query");
    Objects.requireNonNull(token, "token");
    Objects.requireNonNull(tls, "tls");
    Objects.requireNonNull(freshness, "freshness");
    Objects.requireNonNull(instances, "instances");
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
        Query.CONSUL,
        new ConsulToken.Anonymous(),
        ConsulTls.DEFAULT,
        Freshness.DEFAULT,
        Instances.DEFAULT);
  }

  /** The same for something else. */
  public ConsulOptions withQuery(Query other) {
    return new ConsulOptions(addresses, other, token, tls, freshness, instances);
  }

  /** The same with another token. */
  public ConsulOptions withToken(ConsulToken other) {
    return new ConsulOptions(addresses, query, other, tls, freshness, instances);
  }

  /** The same with another TLS. */
  public ConsulOptions withTls(ConsulTls other) {
    return new ConsulOptions(addresses, query, token, other, freshness, instances);
  }

  /** The same with answers of another age. */
  public ConsulOptions withFreshness(Freshness other) {
    return new ConsulOptions(addresses, query, token, tls, other, instances);
  }

  /** The same with other instances. */
  public ConsulOptions withInstances(Instances other) {
    return new ConsulOptions(addresses, query, token, tls, freshness, other);
  }
}
