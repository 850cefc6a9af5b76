package io.github.purebpf.redirect.cli;

import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.VirtualAddress;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Redirects until it is told to stop. */
record RunCommand() implements Command {
  private static final Option CGROUP =
      new Option(
          "--cgroup",
          "DIR",
          Option.Occurs.ONCE,
          "the folder of the cgroup, in a cgroup2 hierarchy");
  private static final Option PIN =
      new Option(
          "--pin",
          "DIR",
          Option.Occurs.AT_MOST_ONCE,
          "where set, unset and list find the table: a folder to be made in a BPF file system");
  private static final Option VIP =
      new Option(
          "--vip",
          Mapping.SYNTAX,
          Option.Occurs.AT_LEAST_ONCE,
          "a virtual address and its server; once for each");
  private static final Syntax SYNTAX =
      new Syntax(
          "run",
          "Redirect the connects of a cgroup until it is told to stop",
          List.of(CGROUP, PIN, VIP),
          List.of(),
          """
          Works on all programs in the cgroup and in the cgroups below it. Prints a line
          that begins with "ready" once it does. SIGTERM, SIGINT and SIGHUP make it
          detach, unpin, and end with exit status 0. If it is killed, the kernel detaches,
          and the pinned table stays.

          Needs Linux 5.7, and CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN.
          """);

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) throws InterruptedException {
    var mappings = mappings(arguments.values(VIP));
    var cgroup = Cgroup2.require(Path.of(arguments.value(CGROUP).orElseThrow())).path();
    var service = new Service(cgroup, arguments.value(PIN).map(Path::of), mappings);
    Runtime.getRuntime().addShutdownHook(new Thread(service::stop, "stop"));
    service.start();
    out.println(
        "ready: %d %s mapped for %s%s"
            .formatted(
                mappings.size(),
                mappings.size() == 1 ? "address" : "addresses",
                cgroup,
                arguments.value(PIN).map(pin -> ", pinned in " + pin).orElse("")));
    out.flush();
    service.serve();
  }

  private static Map<VirtualAddress, Server> mappings(List<String> texts) {
    var mappings = new TreeMap<VirtualAddress, Server>();
    for (var text : texts) {
      var mapping = Mapping.parse(text);
      if (mappings.put(mapping.vip(), mapping.server()) != null) {
        throw new CommandException(
            ExitCode.USAGE, "run: " + mapping.vip() + " is mapped twice; leave one --vip out");
      }
    }
    return mappings;
  }
}
