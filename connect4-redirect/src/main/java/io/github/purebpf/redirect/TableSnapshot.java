package io.github.purebpf.redirect;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * All that a table says at one moment, to be shown, compared or sent. What is mapped is of one
 * state between two changes; the figures go on while they are read, each by itself.
 *
 * @param at when
 * @param traffic what came of the connects, by virtual address
 * @param containers who holds connections, by virtual address; each has an entry
 * @param use how full the table is
 */
public record TableSnapshot(
    Instant at,
    SortedMap<VirtualAddress, ServiceTraffic> traffic,
    SortedMap<VirtualAddress, List<ContainerTraffic>> containers,
    TableUse use) {
  /** Keeps copies. */
  public TableSnapshot {
    traffic = Collections.unmodifiableSortedMap(new TreeMap<>(traffic));
    containers = Collections.unmodifiableSortedMap(new TreeMap<>(containers));
  }

  /** Who holds connections to a server of a virtual address. */
  public List<ContainerTraffic> containers(VirtualAddress vip, Server server) {
    return containers.getOrDefault(vip, List.of()).stream()
        .filter(container -> container.server().equals(server))
        .toList();
  }

  /** The ids of the cgroups of all of them. */
  public Set<Long> cgroups() {
    return containers.values().stream()
        .flatMap(List::stream)
        .map(ContainerTraffic::cgroup)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** The connections that are open, of all virtual addresses. */
  public long open() {
    return traffic.values().stream().mapToLong(ServiceTraffic::open).sum();
  }
}
