package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.ContainerTraffic;
import io.github.purebpf.redirect.NoServer;
import io.github.purebpf.redirect.Policy;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.ServerTraffic;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.ServiceTraffic;
import io.github.purebpf.redirect.TableSnapshot;
import io.github.purebpf.redirect.TableUse;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.WeightedServer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a table may say. */
final class States {
  static final VirtualAddress BUSY = VirtualAddress.parse("10.0.0.1:8500");
  static final VirtualAddress EMPTY = VirtualAddress.parse("10.0.0.2:80");
  static final Server A = Server.parse("10.1.2.3:8500");
  static final Server B = Server.parse("10.1.2.4:8500");
  static final Server OLD = Server.parse("10.1.2.5:8500");

  static final TableUse USE = new TableUse(2, 65_536, 3, 262_144);

  private States() {}

  /**
   * One address with two servers and one that drains, and one without a server.
   *
   * @param more how many connects to A there were beside the first ones
   */
  static TableSnapshot some(long more) {
    return some(Instant.EPOCH, more);
  }

  /** The same at a time. */
  static TableSnapshot some(Instant at, long more) {
    var busy =
        new ServiceTraffic(
            Service.of(BUSY).withServers(List.of(new WeightedServer(A, 2), new WeightedServer(B))),
            0,
            1,
            List.of(
                new ServerTraffic(A, true, 12 + more, 10 + more, 1, 1, 5 + more),
                new ServerTraffic(B, true, 3, 3, 0, 0, 2),
                new ServerTraffic(OLD, false, 7, 7, 0, 0, 1)));
    var empty =
        new ServiceTraffic(
            Service.of(EMPTY).withPolicy(Policy.SINGLE).withNoServer(NoServer.UNREACHABLE),
            4,
            0,
            List.of());
    SortedMap<VirtualAddress, List<ContainerTraffic>> containers = new TreeMap<>();
    containers.put(
        BUSY,
        List.of(
            new ContainerTraffic(4711, BUSY, A, 5, Instant.parse("2026-01-31T12:00:00.123456789Z")),
            new ContainerTraffic(4712, BUSY, B, 2, Instant.parse("2026-01-31T12:00:05Z")),
            new ContainerTraffic(4711, BUSY, OLD, 1, Instant.parse("2026-01-31T11:00:00Z"))));
    containers.put(EMPTY, List.of());
    return new TableSnapshot(at, new TreeMap<>(Map.of(BUSY, busy, EMPTY, empty)), containers, USE);
  }

  static TableSnapshot none() {
    return new TableSnapshot(Instant.EPOCH, new TreeMap<>(), new TreeMap<>(), USE);
  }
}
