package io.github.purebpf.redirect.cli.config;

import io.github.purebpf.redirect.Ipv4;
import io.github.purebpf.redirect.Keepalive;
import io.github.purebpf.redirect.NoServer;
import io.github.purebpf.redirect.Policy;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.WeightedServer;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** What tables may hold. */
public final class Services {
  private static final int FEW = 5;

  private Services() {}

  private static Arbitrary<Server> servers() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 255), Arbitraries.integers().between(1, 65_535))
        .as((last, port) -> new Server(Ipv4.parse("10.1.2." + last), port));
  }

  private static Arbitrary<Keepalive> keepalives() {
    return Combinators.combine(
            Arbitraries.integers().between(1, 32_767),
            Arbitraries.integers().between(1, 32_767),
            Arbitraries.integers().between(1, 127),
            Arbitraries.integers().between(0, 14_400_000))
        .as(
            (idle, interval, probes, timeout) ->
                new Keepalive(
                    Duration.ofSeconds(idle),
                    Duration.ofSeconds(interval),
                    probes,
                    Duration.ofMillis(timeout)));
  }

  private static Arbitrary<Service> services() {
    var weighted =
        Combinators.combine(servers(), Arbitraries.integers().between(1, 65_535))
            .as(WeightedServer::new);
    return Combinators.combine(
            Arbitraries.integers().between(1, FEW),
            weighted.list().ofMaxSize(FEW).uniqueElements(WeightedServer::server),
            Arbitraries.of(Policy.class),
            Arbitraries.of(NoServer.class),
            keepalives().optional())
        .as(
            (port, list, policy, noServer, keepalive) ->
                new Service(
                    VirtualAddress.parse("10.0.0.1:" + port), list, policy, noServer, keepalive));
  }

  /** A few services, often at the same addresses. */
  public static Arbitrary<SortedMap<VirtualAddress, Service>> tables() {
    return services()
        .list()
        .ofMaxSize(FEW)
        .map(
            list -> {
              SortedMap<VirtualAddress, Service> table = new TreeMap<>();
              list.forEach(service -> table.put(service.vip(), service));
              return table;
            });
  }
}
