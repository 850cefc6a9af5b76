package io.github.purebpf.redirect.cli.doctor;

import io.github.purebpf.redirect.ServerTraffic;
import io.github.purebpf.redirect.ServiceTraffic;
import io.github.purebpf.redirect.SourceState;
import io.github.purebpf.redirect.TableUse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** How a table is. */
final class TableFindings {
  private static final double NEARLY_FULL = 0.8;

  /** Of how few connects nothing is concluded. */
  private static final int FEW = 10;

  private TableFindings() {}

  static List<Finding> of(TableUse use, Collection<ServiceTraffic> services) {
    var findings = new ArrayList<Finding>();
    findings.add(
        room(
            "virtual addresses",
            use.vips(),
            use.vipCapacity(),
            "remove some with unset, or share the work among redirectors"));
    findings.add(
        room(
            "servers",
            use.servers(),
            use.serverCapacity(),
            "map fewer servers, or end connections to those that drain"));
    services.forEach(service -> service(service, findings));
    return findings;
  }

  private static Finding room(String what, int used, int capacity, String remedy) {
    var text = "%d of %d %s".formatted(used, capacity, what);
    if (used >= capacity) {
      return Finding.problem("table", text + ": it is full", remedy);
    }
    return used >= NEARLY_FULL * capacity
        ? Finding.warning("table", text + ": it is nearly full", remedy)
        : Finding.ok("table", text);
  }

  /** What the process that follows a source of servers has said last. */
  static Finding source(SourceState state) {
    var heard =
        state
            .heard()
            .map(time -> "it named servers at " + time)
            .orElse("it has named no server yet");
    return state
        .problem()
        .map(
            problem ->
                Finding.warning(
                    "source",
                    "%s: %s; %s".formatted(state.source(), problem, heard),
                    "the servers of before are used; see that the source can be reached and what the"
                        + " controller may see of it"))
        .orElseGet(() -> Finding.ok("source", state.source() + ": " + heard));
  }

  private static void service(ServiceTraffic traffic, List<Finding> findings) {
    var vip = traffic.service().vip();
    if (traffic.service().servers().isEmpty()) {
      findings.add(
          Finding.warning(
              "service",
              "%s has no server; %d connects found none".formatted(vip, traffic.refused()),
              "give it one with set, or take it out with unset"));
    }
    if (traffic.untracked() > 0) {
      findings.add(
          Finding.warning(
              "service",
              "%d connections to %s are not counted, for want of memory"
                  .formatted(traffic.untracked(), vip),
              "give the machine more memory; the figures are too small until it is restarted"));
    }
    for (var server : traffic.servers()) {
      if (server.active() && failsMostly(server)) {
        findings.add(
            Finding.warning(
                "server",
                "%d of %d connects to %s for %s failed"
                    .formatted(server.failed(), server.attempted(), server.server(), vip),
                "see whether it listens and is reachable, or take it out with set"));
      }
    }
  }

  private static boolean failsMostly(ServerTraffic server) {
    return server.failed() >= FEW && 2 * server.failed() > server.attempted();
  }
}
