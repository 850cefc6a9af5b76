package io.github.purebpf.redirect.cli;

import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.redirect.Choice;
import io.github.purebpf.redirect.Scope;
import io.github.purebpf.redirect.ServiceTraffic;
import io.github.purebpf.redirect.VirtualAddress;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/** Tells what would become of one connect. */
record TraceCommand() implements Command {
  private static final Option CGROUP =
      Option.optional("--cgroup", "DIR", "the cgroup of the program that connects");
  private static final Option JSON = Option.flag("--json", "one line of JSON");
  private static final Syntax SYNTAX =
      new Syntax(
          "trace",
          "Tell what would become of one connect, without making it",
          List.of(PinOption.PIN, CGROUP, JSON),
          List.of("VIP:PORT"),
          """
          Goes by the table alone: whether the address is mapped, whether the cgroup is
          redirected, the policy, each server with its weight, its load (connections
          that are open or being made) and its share of the connects as things are now,
          and which server it is, if that is certain. For sticky-container it is with
          --cgroup. Nothing is connected, counted or changed.

          The JSON is {"vip":{"address":"10.0.0.1","port":80},"steps":["10.0.0.1:80 is
           mapped",...],"candidates":[{"address":"10.1.2.3","port":8080,"weight":2,
            "load":5,"score":"3.00","share":"0.0%"},...],"server":{...}}: the numbered
          sentences, and null for a server that is not certain.
          """);

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) {
    var vip = Mapping.parseVip(arguments.operand(0));
    var cgroup = arguments.value(CGROUP).map(text -> Cgroup2.require(Path.of(text)));
    Optional<ServiceTraffic> traffic;
    SortedSet<Long> listed;
    Scope scope;
    try (var table = PinOption.open(arguments)) {
      traffic = table.traffic(vip);
      listed = table.listedCgroups();
      scope = table.scope();
    }
    if (traffic.isEmpty()) {
      throw notMapped(vip);
    }
    var lineage = cgroup.map(Lineage::of);
    var client = Trace.client(lineage);
    var choice = Choice.of(traffic.get(), client);
    var lines = new ArrayList<String>();
    lines.add(vip + " is mapped");
    var reach = Trace.reach(scope, lineage, listed);
    lines.add(reach.sentence());
    if (reach.leftAlone()) {
      lines.add("it goes to " + vip + " itself");
    } else {
      lines.addAll(Trace.choice(choice, client.isPresent()));
    }
    if (arguments.has(JSON)) {
      out.println(Trace.json(choice, lines, reach.leftAlone()));
      return;
    }
    int step = 1;
    for (var line : lines) {
      out.println(line.startsWith(" ") ? line : step++ + ". " + line);
    }
  }

  private static CommandException notMapped(VirtualAddress vip) {
    return new CommandException(
        ExitCode.NOT_MAPPED,
        "%s is not mapped, so a connect to it goes there itself; see what is: %s list --pin DIR"
            .formatted(vip, Main.NAME));
  }
}
