package io.github.purebpf.redirect.cli;

import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.redirect.Choice;
import io.github.purebpf.redirect.ServiceTraffic;
import io.github.purebpf.redirect.VirtualAddress;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/** Tells what would become of one connect. */
record TraceCommand() implements Command {
  private static final Option CGROUP =
      Option.optional("--cgroup", "DIR", "the cgroup of the program that connects");
  private static final Syntax SYNTAX =
      new Syntax(
          "trace",
          "Tell what would become of one connect, without making it",
          List.of(PinOption.PIN, CGROUP),
          List.of("VIP:PORT"),
          """
          Goes by the table alone: whether the address is mapped, whether the cgroup is
          listed, the policy, each server with its weight, its load (connections that are
          open or being made) and its share of the connects as things are now, and which
          server it is, if that is certain. For sticky-container it is with --cgroup.
          Nothing is connected, counted or changed.
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
    try (var table = PinOption.open(arguments)) {
      traffic = table.traffic(vip);
      listed = table.listedCgroups();
    }
    if (traffic.isEmpty()) {
      throw notMapped(vip);
    }
    var lineage = cgroup.map(Lineage::of);
    out.println("1. " + vip + " is mapped");
    out.println("2. " + Trace.scope(lineage, listed));
    int step = 3;
    var client = Trace.client(lineage);
    for (var line : Trace.choice(Choice.of(traffic.get(), client), client.isPresent())) {
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
