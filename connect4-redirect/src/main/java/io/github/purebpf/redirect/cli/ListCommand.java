package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.AddressLease;
import io.github.purebpf.redirect.Container;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.SourceState;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.WeightedServer;
import io.github.purebpf.redirect.cli.config.ConfigWriter;
import io.github.purebpf.redirect.cli.text.ServerText;
import io.github.purebpf.redirect.cli.text.Words;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Shows what is mapped. */
record ListCommand() implements Command {
  private static final Option JSON = Option.flag("--json", "one line of JSON");
  private static final Option CGROUP =
      Option.optional("--cgroup", "DIR", "only the address that belongs to this cgroup");
  private static final Option CONTAINER =
      Option.optional("--container", "ID", "only the address that belongs to this container");
  private static final Option AS_CONFIG =
      Option.flag("--as-config", "as a file for apply, without those of containers");
  private static final Syntax SYNTAX =
      new Syntax(
          "list",
          "Show what is mapped in a redirector that runs",
          List.of(PinOption.PIN, CGROUP, CONTAINER, JSON, AS_CONFIG),
          List.of(),
          """
          One line for each virtual address, by ascending address: itself, the policy,
          and its servers, those of another weight than 1 as SERVER*WEIGHT; "no server"
          for none; then, if it belongs to a container, # and the folder of its cgroup.
          A last line that begins with # tells what a controller says of the source that
          the servers come from, if the source is not believed now.

          The JSON is {"services":[SERVICE,...],"source":SOURCE}, each SERVICE being
          {"vip":{"address":"10.0.0.1","port":80},"protocol":"tcp",
           "policy":"least-connections","no_server":"refuse",
           "servers":[{"address":"10.1.2.3","port":8080,"weight":1},...],
           "keepalive":null,"cgroup":null}
          SOURCE is null without a controller, and else
          {"source":"consul ...","written":"2026-01-31T12:00:00Z",
           "heard":"2026-01-31T11:59:00Z","problem":null}
          """);

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) {
    var wanted = cgroups(arguments);
    SortedMap<VirtualAddress, Service> services;
    SortedMap<VirtualAddress, AddressLease> leases;
    Optional<SourceState> source;
    try (var table = PinOption.open(arguments)) {
      services = new TreeMap<>(table.list());
      leases = table.leases();
      source = table.source();
    }
    if (!wanted.isEmpty()) {
      services.keySet().removeIf(vip -> !isOf(Optional.ofNullable(leases.get(vip)), wanted));
    }
    if (arguments.has(JSON)) {
      out.println(json(services.values(), leases, source));
    } else if (arguments.has(AS_CONFIG)) {
      services.keySet().removeAll(leases.keySet());
      out.print(ConfigWriter.write(services.values()));
    } else {
      services
          .values()
          .forEach(
              service ->
                  out.println(line(service, Optional.ofNullable(leases.get(service.vip())))));
      source
          .filter(state -> state.problem().isPresent())
          .ifPresent(state -> out.println("# " + SourceText.of(state)));
    }
  }

  private static List<Path> cgroups(Arguments arguments) {
    var cgroups = new ArrayList<Path>();
    arguments
        .value(CGROUP)
        .ifPresent(folder -> cgroups.add(Path.of(folder).toAbsolutePath().normalize()));
    arguments.value(CONTAINER).ifPresent(id -> cgroups.add(Container.find(id).cgroup()));
    return cgroups;
  }

  private static boolean isOf(Optional<AddressLease> lease, List<Path> cgroups) {
    return lease.filter(one -> cgroups.contains(one.cgroup())).isPresent();
  }

  private static String line(Service service, Optional<AddressLease> lease) {
    return "%-21s %-17s %s%s"
        .formatted(
            service.vip(),
            Words.of(service.policy()),
            servers(service.servers()),
            lease.map(one -> " # " + one.cgroup()).orElse(""));
  }

  static String servers(List<WeightedServer> servers) {
    return servers.isEmpty()
        ? "no server"
        : servers.stream().map(ServerText::of).collect(Collectors.joining(" "));
  }

  static String json(
      Collection<Service> services,
      Map<VirtualAddress, AddressLease> leases,
      Optional<SourceState> source) {
    return Json.write(
        ServiceJson.ordered(
            "services",
            services.stream()
                .map(
                    service -> {
                      var json = ServiceJson.of(service);
                      var lease = Optional.ofNullable(leases.get(service.vip()));
                      json.put("cgroup", lease.map(one -> one.cgroup().toString()).orElse(null));
                      return json;
                    })
                .toList(),
            "source",
            source.map(SourceText::json).orElse(null)));
  }
}
