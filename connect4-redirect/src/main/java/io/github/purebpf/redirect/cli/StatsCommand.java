package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.ContainerTraffic;
import io.github.purebpf.redirect.ServerTraffic;
import io.github.purebpf.redirect.ServiceTraffic;
import io.github.purebpf.redirect.TableSnapshot;
import io.github.purebpf.redirect.cli.text.Words;
import java.io.PrintStream;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Shows what came of the connects. */
record StatsCommand() implements Command {
  private static final Option JSON = Option.flag("--json", "one line of JSON, containers included");
  private static final Option CONTAINERS =
      Option.flag("--containers", "below each server, the cgroups that hold connections to it");
  private static final List<String> TITLES =
      List.of(
          "VIP",
          "SERVER",
          "STATE",
          "ATTEMPTED",
          "ESTABLISHED",
          "FAILED",
          "CONNECTING",
          "OPEN",
          "CONTAINERS");
  private static final int WORDS = 3;
  private static final Syntax SYNTAX =
      new Syntax(
          "stats",
          "Show what came of the connects in a redirector that runs",
          List.of(PinOption.PIN, JSON, CONTAINERS),
          List.of(),
          """
          One line for each server of each virtual address: how many connects were sent to
          it, how many of these got a connection or failed, how many are being made, how
          many connections are open, and how many containers (cgroups) hold them. STATE is
          active, or draining for a server that is not in the list any more and has
          connections left. Connects that found no server are in a line of their own,
          whose STATE says how they were answered. The figures count from when the
          redirector was started.

          The JSON is {"services":[{"service":SERVICE,"refused":0,"untracked":0,
           "open":1,"servers":[{"address":"10.1.2.3","port":8080,"active":true,
            "attempted":1,"established":1,"failed":0,"connecting":0,"open":1,
            "containers":[{"cgroup":4711,"path":"/a.slice/b.scope","open":1,
             "since":"2026-01-31T12:00:00Z"},...]},...]},...]}, with SERVICE as list shows
          it, and null for the path of a cgroup that is not found below a cgroup2 mount.
          """);

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) {
    TableSnapshot state;
    try (var table = PinOption.open(arguments)) {
      state = table.snapshot();
    }
    boolean json = arguments.has(JSON);
    boolean containers = arguments.has(CONTAINERS);
    var names = CgroupNames.find(json || containers ? state.cgroups() : Set.of());
    if (json) {
      out.println(json(state, names));
    } else {
      lines(state, names, containers).forEach(out::println);
    }
  }

  static List<String> lines(TableSnapshot state, CgroupNames names, boolean containers) {
    var rows = new ArrayList<List<String>>();
    var below = new ArrayList<List<String>>();
    rows.add(TITLES);
    below.add(List.of());
    for (var traffic : state.traffic().values()) {
      var vip = traffic.service().vip();
      for (var server : traffic.servers()) {
        var holders = state.containers(vip, server.server());
        rows.add(row(traffic, server, holders.size()));
        below.add(
            containers
                ? holders.stream().map(holder -> container(holder, names)).toList()
                : List.of());
      }
      if (traffic.servers().isEmpty() || traffic.refused() > 0) {
        rows.add(
            List.of(
                vip.toString(),
                "-",
                Words.of(traffic.service().noServer()),
                Long.toString(traffic.refused()),
                "-",
                "-",
                "-",
                "-",
                "-"));
        below.add(List.of());
      }
    }
    var lines = new ArrayList<String>();
    var columns = Columns.of(rows, WORDS);
    for (int i = 0; i < columns.size(); i++) {
      lines.add(columns.get(i));
      lines.addAll(below.get(i));
    }
    return lines;
  }

  private static List<String> row(ServiceTraffic traffic, ServerTraffic server, int containers) {
    return List.of(
        traffic.service().vip().toString(),
        server.server().toString(),
        server.active() ? "active" : "draining",
        Long.toString(server.attempted()),
        Long.toString(server.established()),
        Long.toString(server.failed()),
        Long.toString(server.connecting()),
        Long.toString(server.open()),
        Integer.toString(containers));
  }

  private static String container(ContainerTraffic container, CgroupNames names) {
    return "  %d open since %s by %s"
        .formatted(
            container.open(),
            container.since().truncatedTo(ChronoUnit.SECONDS),
            names.of(container.cgroup()).orElse("cgroup " + container.cgroup()));
  }

  static String json(TableSnapshot state, CgroupNames names) {
    return Json.write(
        Map.of(
            "services",
            state.traffic().values().stream()
                .map(
                    traffic ->
                        ServiceJson.ordered(
                            "service", ServiceJson.of(traffic.service()),
                            "refused", traffic.refused(),
                            "untracked", traffic.untracked(),
                            "open", traffic.open(),
                            "servers",
                                traffic.servers().stream()
                                    .map(server -> json(state, traffic, server, names))
                                    .toList()))
                .toList()));
  }

  private static Map<String, Object> json(
      TableSnapshot state, ServiceTraffic traffic, ServerTraffic server, CgroupNames names) {
    var json = ServiceJson.endpoint(server.server().address(), server.server().port());
    json.put("active", server.active());
    json.put("attempted", server.attempted());
    json.put("established", server.established());
    json.put("failed", server.failed());
    json.put("connecting", server.connecting());
    json.put("open", server.open());
    json.put(
        "containers",
        state.containers(traffic.service().vip(), server.server()).stream()
            .map(
                container ->
                    ServiceJson.ordered(
                        "cgroup", container.cgroup(),
                        "path", names.of(container.cgroup()).orElse(null),
                        "open", container.open(),
                        "since", container.since().toString()))
            .toList());
    return json;
  }
}
