package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.cli.metrics.Exposition;
import io.github.purebpf.redirect.cli.text.Words;
import io.github.purebpf.redirect.controller.ControllerStatus;
import io.github.purebpf.redirect.controller.Standing;
import java.util.LinkedHashMap;
import java.util.Map;

/** The figures of a controller for Prometheus. */
final class ControllerMetrics {
  private ControllerMetrics() {}

  static String of(ControllerStatus status) {
    var out = new Exposition();
    var source = new LinkedHashMap<>(Map.of("source", status.source()));
    out.family(
        "source_up",
        Exposition.Type.GAUGE,
        "1 if what the source of servers said last can be believed.");
    out.sample(source, status.answered() && status.problem().isEmpty() ? 1 : 0);
    out.family(
        "source_problem",
        Exposition.Type.GAUGE,
        "1 with the reason why the source cannot be believed, as long as there is one.");
    status
        .problem()
        .ifPresent(
            reason -> {
              var labels = new LinkedHashMap<>(source);
              labels.put("reason", reason);
              out.sample(labels, 1);
            });
    out.family(
        "source_age_seconds",
        Exposition.Type.GAUGE,
        "How long ago the source named servers, or the controller started.");
    out.sample(source, status.age().toSeconds());
    out.family("known_servers", Exposition.Type.GAUGE, "Servers by how the controller sees them.");
    for (var standing : Standing.values()) {
      out.sample(
          new LinkedHashMap<>(Map.of("standing", Words.of(standing))),
          status.servers().stream().filter(server -> server.standing() == standing).count());
    }
    out.family(
        "leased_addresses",
        Exposition.Type.GAUGE,
        "Virtual addresses that containers have of their own.");
    out.sample(new LinkedHashMap<>(), status.leases().size());
    return out.toString();
  }
}
