package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.ServerTraffic;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.ServiceTraffic;
import io.github.purebpf.redirect.TableSnapshot;
import io.github.purebpf.redirect.TableUse;
import io.github.purebpf.redirect.cli.metrics.Exposition;
import io.github.purebpf.redirect.cli.text.Words;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.ToLongFunction;

/** The figures of a table for Prometheus. */
final class Metrics {
  private final Exposition out = new Exposition();
  private final TableSnapshot state;

  private Metrics(TableSnapshot state) {
    this.state = state;
  }

  /**
   * All of them.
   *
   * @param names of the cgroups that hold connections
   */
  static String of(TableSnapshot state, CgroupNames names) {
    var metrics = new Metrics(state);
    metrics.services();
    metrics.servers();
    metrics.containers(names);
    metrics.use(state.use());
    return metrics.out.toString();
  }

  private static SequencedMap<String, String> labels(String... namesAndValues) {
    var labels = new LinkedHashMap<String, String>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      labels.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return labels;
  }

  private void services() {
    out.family(
        "service_info",
        Exposition.Type.GAUGE,
        "How connects to a virtual address find a server; always 1.");
    for (var traffic : state.traffic().values()) {
      var service = traffic.service();
      out.sample(
          labels(
              "vip", service.vip().toString(),
              "policy", Words.of(service.policy()),
              "no_server", Words.of(service.noServer())),
          1);
    }
    service(
        "connects_refused_total",
        "Connects that found no server, whatever became of them.",
        ServiceTraffic::refused);
    service(
        "connections_untracked_total",
        "Connections that are not counted, because the kernel had no memory.",
        ServiceTraffic::untracked);
  }

  private void service(String name, String help, ToLongFunction<ServiceTraffic> figure) {
    out.family(name, Exposition.Type.COUNTER, help);
    state
        .traffic()
        .values()
        .forEach(
            traffic ->
                out.sample(
                    labels("vip", traffic.service().vip().toString()),
                    figure.applyAsLong(traffic)));
  }

  private void servers() {
    server(
        "connects_attempted_total",
        Exposition.Type.COUNTER,
        "Connects that were sent to a server.",
        ServerTraffic::attempted);
    server(
        "connects_established_total",
        Exposition.Type.COUNTER,
        "Those of them that got a connection.",
        ServerTraffic::established);
    server(
        "connects_failed_total",
        Exposition.Type.COUNTER,
        "Those of them that failed: refused, unreachable, timed out or given up.",
        ServerTraffic::failed);
    server(
        "connections_connecting",
        Exposition.Type.GAUGE,
        "Connections that are being made.",
        ServerTraffic::connecting);
    server(
        "connections_open",
        Exposition.Type.GAUGE,
        "Connections that are open.",
        ServerTraffic::open);
    server(
        "server_active",
        Exposition.Type.GAUGE,
        "1 for a server that new connects are sent to, 0 for one that drains.",
        server -> server.active() ? 1 : 0);
    out.family("server_weight", Exposition.Type.GAUGE, "The weight of a server.");
    state.traffic().values().stream()
        .map(ServiceTraffic::service)
        .forEach(
            service ->
                service
                    .servers()
                    .forEach(
                        weighted ->
                            out.sample(
                                labels(service, weighted.server().toString()), weighted.weight())));
  }

  private static SequencedMap<String, String> labels(Service service, String server) {
    return labels("vip", service.vip().toString(), "server", server);
  }

  private void server(
      String name, Exposition.Type type, String help, ToLongFunction<ServerTraffic> figure) {
    out.family(name, type, help);
    for (var traffic : state.traffic().values()) {
      for (var server : traffic.servers()) {
        out.sample(
            labels(traffic.service(), server.server().toString()), figure.applyAsLong(server));
      }
    }
  }

  private void containers(CgroupNames names) {
    out.family(
        "container_connections_open",
        Exposition.Type.GAUGE,
        "Connections that a cgroup holds to a server.");
    for (var containers : state.containers().values()) {
      for (var container : containers) {
        out.sample(
            labels(
                "vip", container.vip().toString(),
                "server", container.server().toString(),
                "cgroup", Long.toUnsignedString(container.cgroup()),
                "path", names.of(container.cgroup()).orElse("")),
            container.open());
      }
    }
  }

  private void use(TableUse use) {
    out.family("table_entries", Exposition.Type.GAUGE, "How many entries of the table are in use.");
    out.sample(labels("entry", "vip"), use.vips());
    out.sample(labels("entry", "server"), use.servers());
    out.family("table_capacity", Exposition.Type.GAUGE, "How many there is room for.");
    out.sample(labels("entry", "vip"), use.vipCapacity());
    out.sample(labels("entry", "server"), use.serverCapacity());
  }
}
