package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.ContainerTraffic;
import io.github.purebpf.redirect.RedirectTable;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.ServiceTraffic;
import io.github.purebpf.redirect.VirtualAddress;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the table says at one moment.
 *
 * @param traffic what came of the connects, by virtual address
 * @param containers who holds connections, by virtual address; each has an entry
 */
record TableState(
    SortedMap<VirtualAddress, ServiceTraffic> traffic,
    SortedMap<VirtualAddress, List<ContainerTraffic>> containers) {
  TableState {
    traffic = Collections.unmodifiableSortedMap(new TreeMap<>(traffic));
    containers = Collections.unmodifiableSortedMap(new TreeMap<>(containers));
  }

  static TableState of(RedirectTable table) {
    var traffic = table.traffic();
    var containers = new TreeMap<VirtualAddress, List<ContainerTraffic>>();
    traffic.keySet().forEach(vip -> containers.put(vip, table.containers(vip)));
    return new TableState(traffic, containers);
  }

  /** Who holds connections to a server of a virtual address. */
  List<ContainerTraffic> containers(VirtualAddress vip, Server server) {
    return containers.getOrDefault(vip, List.of()).stream()
        .filter(container -> container.server().equals(server))
        .toList();
  }

  /** The ids of the cgroups of all of them. */
  Set<Long> cgroups() {
    return containers.values().stream()
        .flatMap(List::stream)
        .map(ContainerTraffic::cgroup)
        .collect(Collectors.toSet());
  }
}
