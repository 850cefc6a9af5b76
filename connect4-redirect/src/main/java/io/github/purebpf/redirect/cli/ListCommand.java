package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.Ipv4;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.VirtualAddress;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** Shows what is mapped. */
record ListCommand() implements Command {
  private static final Option JSON = Option.flag("--json", "one line of JSON");
  private static final Syntax SYNTAX =
      new Syntax(
          "list",
          "Show what is mapped in a redirector that runs",
          List.of(PinOption.PIN, JSON),
          List.of(),
          """
          One line for each virtual address: itself and its server, by ascending address.
          The JSON is {"mappings":[MAPPING,...]}, each MAPPING being
          {"vip":{"address":"10.0.0.1","port":80},"protocol":"tcp",
           "server":{"address":"10.1.2.3","port":8080}}
          """);

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) {
    SortedMap<VirtualAddress, Server> mappings;
    try (var table = PinOption.open(arguments)) {
      mappings = table.list();
    }
    if (arguments.has(JSON)) {
      out.println(json(mappings));
    } else {
      mappings.forEach((vip, server) -> out.printf("%-21s %s%n", vip, server));
    }
  }

  static String json(SortedMap<VirtualAddress, Server> mappings) {
    var entries =
        mappings.entrySet().stream()
            .map(
                mapping ->
                    ordered(
                        "vip", endpoint(mapping.getKey().address(), mapping.getKey().port()),
                        "protocol", "tcp",
                        "server",
                            endpoint(mapping.getValue().address(), mapping.getValue().port())))
            .toList();
    return Json.write(Map.of("mappings", entries));
  }

  private static Map<String, Object> endpoint(Ipv4 address, int port) {
    return ordered("address", address.toString(), "port", port);
  }

  private static Map<String, Object> ordered(Object... namesAndValues) {
    var map = new LinkedHashMap<String, Object>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return map;
  }
}
