package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.WeightedServer;
import io.github.purebpf.redirect.cli.config.ConfigWriter;
import io.github.purebpf.redirect.cli.text.ServerText;
import io.github.purebpf.redirect.cli.text.Words;
import java.io.PrintStream;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;

/** Shows what is mapped. */
record ListCommand() implements Command {
  private static final Option JSON = Option.flag("--json", "one line of JSON");
  private static final Option AS_CONFIG = Option.flag("--as-config", "as a file for apply");
  private static final Syntax SYNTAX =
      new Syntax(
          "list",
          "Show what is mapped in a redirector that runs",
          List.of(PinOption.PIN, JSON, AS_CONFIG),
          List.of(),
          """
          One line for each virtual address, by ascending address: itself, the policy,
          and its servers, those of another weight than 1 as SERVER*WEIGHT; "no server"
          for none. The JSON is {"services":[SERVICE,...]}, each SERVICE being
          {"vip":{"address":"10.0.0.1","port":80},"protocol":"tcp",
           "policy":"least-connections","no_server":"refuse",
           "servers":[{"address":"10.1.2.3","port":8080,"weight":1},...],
           "keepalive":null}
          """);

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) {
    SortedMap<VirtualAddress, Service> services;
    try (var table = PinOption.open(arguments)) {
      services = table.list();
    }
    if (arguments.has(JSON)) {
      out.println(json(services.values()));
    } else if (arguments.has(AS_CONFIG)) {
      out.print(ConfigWriter.write(services.values()));
    } else {
      services
          .values()
          .forEach(
              service ->
                  out.printf(
                      "%-21s %-17s %s%n",
                      service.vip(), Words.of(service.policy()), servers(service.servers())));
    }
  }

  static String servers(List<WeightedServer> servers) {
    return servers.isEmpty()
        ? "no server"
        : servers.stream().map(ServerText::of).collect(Collectors.joining(" "));
  }

  static String json(Collection<Service> services) {
    return Json.write(Map.of("services", services.stream().map(ServiceJson::of).toList()));
  }
}
