package io.github.purebpf.redirect.controller;

import io.github.purebpf.redirect.Service;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a controller does.
 *
 * @param services the virtual addresses, none twice, and at least one unless containers get theirs;
 *     each gets the servers of the source. Its own servers are used until the source has named
 *     some, unless the table has some
 * @param containers how containers get addresses of their own, each with one of the servers; empty
 *     if they get none. Those that were leased before stay so until their containers are gone
 * @param patience how far it believes the source and the checks
 * @param health how servers are checked; empty to leave that to the source
 * @param leaving what becomes of the connections to a server that has left; empty to leave them
 * @param evening how connections are moved to servers that have too few; empty to leave them
 */
public record ControllerOptions(
    List<Service> services,
    Optional<ContainerAddresses> containers,
    Patience patience,
    Optional<HealthCheck> health,
    Optional<Leaving> leaving,
    Optional<Evening> evening) {
  /**
   * How connections to a server that has left are ended, see {@link
   * io.github.purebpf.redirect.Drain}.
   *
   * @param deadline how long they may end by themselves
   * @param perSecond how many are closed in a second then at most
   */
  public record Leaving(Duration deadline, int perSecond) {
    /** Half a minute, and ten in a second. */
    public static final Leaving DEFAULT = new Leaving(Duration.ofSeconds(30), 10);

    /** Refuses a negative deadline, and a rate below 1. */
    public Leaving {
      if (deadline.isNegative() || perSecond < 1) {
        throw new IllegalArgumentException(
            "a deadline of %s and %d connections per second: at least 0 and 1"
                .formatted(deadline, perSecond));
      }
    }
  }

  /**
   * When and how fast connections are moved, see {@link io.github.purebpf.redirect.Rebalance}.
   *
   * @param settle how long connections must have been uneven, so that what evens out by itself is
   *     left to that
   * @param slack how uneven they may be: the part of its share that a server may have too many, and
   *     always one connection
   * @param share how many are closed in a second at most, as a part of those that are open
   */
  public record Evening(Duration settle, double slack, double share) {
    /** Ten seconds, a tenth, and a fiftieth. */
    public static final Evening DEFAULT = new Evening(Duration.ofSeconds(10), 0.1, 0.02);

    /** Refuses what is out of range. */
    public Evening {
      if (settle.isNegative() || !(slack >= 0) || !(share > 0 && share <= 1)) {
        throw new IllegalArgumentException(
            "settle %s, slack %s and share %s: at least 0, at least 0, and above 0 up to 1"
                .formatted(settle, slack, share));
      }
    }
  }

  /** Refuses no address at all, and one that is there twice. */
  public ControllerOptions {
    services = List.copyOf(services);
    Objects.requireNonNull(containers, "containers");
    Objects.requireNonNull(patience, "patience");
    Objects.requireNonNull(health, "health");
    Objects.requireNonNull(leaving, "leaving");
    Objects.requireNonNull(evening, "evening");
    if (services.isEmpty() && containers.isEmpty()) {
      throw new IllegalArgumentException("a controller without a virtual address has no work");
    }
    var seen = new HashSet<>();
    for (var service : services) {
      if (!seen.add(service.vip())) {
        throw new IllegalArgumentException(
            "the virtual address " + service.vip() + " is there twice");
      }
    }
  }

  /** With all defaults. */
  public static ControllerOptions of(Service... services) {
    return new ControllerOptions(
        List.of(services),
        Optional.empty(),
        Patience.DEFAULT,
        Optional.of(HealthCheck.DEFAULT),
        Optional.of(Leaving.DEFAULT),
        Optional.of(Evening.DEFAULT));
  }

  /** The same with addresses for containers. */
  public ControllerOptions with(ContainerAddresses newContainers) {
    return new ControllerOptions(
        services, Optional.of(newContainers), patience, health, leaving, evening);
  }
}
