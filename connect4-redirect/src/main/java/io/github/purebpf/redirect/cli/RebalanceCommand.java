package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.Policy;
import io.github.purebpf.redirect.Rebalance;
import io.github.purebpf.redirect.RebalanceReport;
import io.github.purebpf.redirect.RedirectTable;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.cli.text.ShareText;
import io.github.purebpf.redirect.cli.text.Words;
import java.io.PrintStream;
import java.util.List;

/** Evens out the connections of a virtual address. */
record RebalanceCommand() implements Command {
  private static final Option SHARE =
      Option.optional(
          "--share",
          "PERCENT",
          "how many are closed in a second at most, of those that are open; 1% if left out");
  private static final Option JSON = Option.flag("--json", "one line of JSON");
  private static final double DEFAULT_SHARE = 0.01;
  private static final Syntax SYNTAX =
      new Syntax(
          "rebalance",
          "Close connections to servers that have too many, so that others get them",
          List.of(PinOption.PIN, SHARE, JSON),
          List.of("VIP:PORT"),
          """
          For after a server was added: closes, evenly spread, as many connections as
          some servers have too many, the oldest first. The programs connect again and
          get the servers that have too few. Needs the policy least-connections. PERCENT
          is such as 10% or 0.5%, per second, of the connections that are open when it
          begins: with 1000 of them, 1% closes 10 in a second.

          The exit status is 14 if the servers are not even at the end: because a server
          that has too few does not take connections, or because some connections cannot
          be closed; the standard error says which. SIGTERM, SIGINT and SIGHUP interrupt
          it, with exit status 15; what was closed has connected again, the rest stays.

          The capabilities are those of drain. The JSON is {"vip":{"address":"10.0.0.1",
           "port":80},"closed":30,"gone":0,"even":true,"failing":null,
           "unreachable":["...",...]}, with failing such as {"address":"10.1.2.3",
           "port":80} for a server that does not take connections.
          """);

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) {
    var vip = Mapping.parseVip(arguments.operand(0));
    var rebalance =
        new Rebalance(
            vip, arguments.value(SHARE).map(RebalanceCommand::share).orElse(DEFAULT_SHARE));
    try (var table = PinOption.open(arguments)) {
      check(table, vip);
      var report = run(rebalance, table);
      out.println(arguments.has(JSON) ? json(vip, report) : sentence(vip, report));
      conclude(vip, report);
    }
  }

  private static void check(RedirectTable table, VirtualAddress vip) {
    var service = table.get(vip).orElseThrow(() -> UnsetCommand.notMapped(vip));
    if (service.policy() != Policy.LEAST_CONNECTIONS) {
      throw new CommandException(
          ExitCode.LEFT,
          "rebalance: the policy of %s is %s, and only least-connections places connections where they are missing; see set --policy"
              .formatted(vip, Words.of(service.policy())));
    }
  }

  private static RebalanceReport run(Rebalance rebalance, RedirectTable table) {
    try (var _ = Signals.interruptWork()) {
      return rebalance.run(table);
    } catch (InterruptedException e) {
      throw new CommandException(
          ExitCode.INTERRUPTED,
          "rebalance: interrupted; what is not closed yet stays, and the same again goes on",
          e);
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw Failures.left("rebalance", e);
    }
  }

  static String sentence(VirtualAddress vip, RebalanceReport report) {
    return "the connections to %s are %s: %d %s closed"
        .formatted(
            vip,
            report.even() ? "even" : "not even",
            report.closed(),
            report.closed() == 1 ? "was" : "were");
  }

  static String json(VirtualAddress vip, RebalanceReport report) {
    return Json.write(
        ServiceJson.ordered(
            "vip",
            ServiceJson.endpoint(vip.address(), vip.port()),
            "closed",
            report.closed(),
            "gone",
            report.gone(),
            "even",
            report.even(),
            "failing",
            report
                .failing()
                .map(server -> ServiceJson.endpoint(server.address(), server.port()))
                .orElse(null),
            "unreachable",
            report.unreachable()));
  }

  static void conclude(VirtualAddress vip, RebalanceReport report) {
    if (report.even()) {
      return;
    }
    if (report.failing().isPresent()) {
      throw new CommandException(
          ExitCode.LEFT,
          "rebalance: stopped, because a connect to %s has failed; see whether it listens and is reachable"
              .formatted(report.failing().get()));
    }
    throw new CommandException(
        ExitCode.LEFT,
        "rebalance: some servers of %s still have too many%s"
            .formatted(
                vip,
                report.unreachable().isEmpty()
                    ? ", since programs have connected meanwhile; do it again"
                    : Failures.where(report.unreachable())),
        report.unreachable(),
        null);
  }

  static double share(String text) {
    try {
      return ShareText.parse(text);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, "rebalance: " + e.getMessage(), e);
    }
  }
}
