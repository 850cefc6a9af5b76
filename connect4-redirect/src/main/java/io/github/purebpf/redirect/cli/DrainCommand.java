package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.Drain;
import io.github.purebpf.redirect.DrainReport;
import io.github.purebpf.redirect.RedirectTable;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.ServerTraffic;
import io.github.purebpf.redirect.cli.text.KeepaliveText;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;

/** Takes a server out of use and closes the connections that it has left at a deadline. */
record DrainCommand() implements Command {
  private static final Option DEADLINE =
      Option.optional(
          "--deadline",
          "DURATION",
          "how long connections may end by themselves, 5m if left out; 0 closes them at once");
  private static final Option RATE =
      Option.optional("--rate", "N", "how many are closed in a second at most, 20 if left out");
  private static final Option JSON = Option.flag("--json", "one line of JSON");
  private static final Duration DEFAULT_DEADLINE = Duration.ofMinutes(5);
  private static final int DEFAULT_RATE = 20;
  private static final Syntax SYNTAX =
      new Syntax(
          "drain",
          "Take a server out of use, and close what is left at a deadline",
          List.of(PinOption.PIN, DEADLINE, RATE, JSON),
          List.of("VIP:PORT", "SERVER:PORT"),
          """
          The server gets no more connects. The connections that it has through this
          virtual address may end by themselves; those that are left at the deadline are
          closed, evenly spread, so that their programs connect again and get another
          server. Ends as soon as none is left, and tells how many ended and were closed.
          Durations are 500ms, 30s, 2m or 1h; a number alone is seconds.

          If some cannot be closed the exit status is 14, and the standard error says
          where they may be. SIGTERM, SIGINT and SIGHUP interrupt it: the server stays
          out of use and keeps its connections, and another drain goes on. The exit
          status is 15 then.

          Closing needs CAP_NET_ADMIN, and for programs in other network namespaces
          CAP_SYS_ADMIN, and CAP_SYS_PTRACE for those of other users.

          The JSON is {"vip":{"address":"10.0.0.1","port":80},"server":{...},"ended":3,
           "closed":4,"gone":0,"left":0,"unreachable":["...",...]}.
          """);

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) {
    var vip = Mapping.parseVip(arguments.operand(0));
    var server = server(arguments.operand(1));
    var drain =
        new Drain(
            vip,
            server,
            arguments.value(DEADLINE).map(DrainCommand::deadline).orElse(DEFAULT_DEADLINE),
            arguments.value(RATE).map(DrainCommand::rate).orElse(DEFAULT_RATE));
    boolean json = arguments.has(JSON);
    try (var table = PinOption.open(arguments)) {
      boolean known = announce(table, drain, json, out);
      var report = run(drain, table);
      if (json) {
        out.println(json(drain, report));
      } else {
        out.println(known ? sentence(drain, report) : unknown(drain));
      }
      conclude(drain, report);
    }
  }

  /** Says what begins; whether there is anything to do. */
  private static boolean announce(RedirectTable table, Drain drain, boolean json, PrintStream out) {
    var traffic = table.traffic(drain.vip()).orElseThrow(() -> UnsetCommand.notMapped(drain.vip()));
    var server =
        traffic.servers().stream().filter(s -> s.server().equals(drain.server())).findFirst();
    long open = server.map(ServerTraffic::open).orElse(0L);
    if (!json && open > 0) {
      out.printf(
          "%s gets no more connects to %s; %s until %s from now%n",
          drain.server(),
          drain.vip(),
          open == 1 ? "its connection may end" : "its " + open + " connections may end",
          text(drain.deadline()));
      out.flush();
    }
    return server.isPresent();
  }

  private static String text(Duration duration) {
    return duration.toMillisPart() == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
  }

  private static DrainReport run(Drain drain, RedirectTable table) {
    try (var _ = Signals.interruptWork()) {
      return drain.run(table);
    } catch (InterruptedException e) {
      throw new CommandException(
          ExitCode.INTERRUPTED,
          "drain: interrupted; %s stays out of use for %s and keeps the connections that it has; the same again goes on"
              .formatted(drain.server(), drain.vip()),
          e);
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw Failures.left("drain", e);
    }
  }

  private static String unknown(Drain drain) {
    return "%s is no server of %s and has no connections to it; nothing is to do"
        .formatted(drain.server(), drain.vip());
  }

  static String sentence(Drain drain, DrainReport report) {
    return "%s is out of use for %s: %d ended by themselves, %d were closed, %s left"
        .formatted(
            drain.server(),
            drain.vip(),
            report.ended() + report.gone(),
            report.closed(),
            report.isComplete() ? "none is" : report.left() == 1 ? "1 is" : report.left() + " are");
  }

  static String json(Drain drain, DrainReport report) {
    return Json.write(
        ServiceJson.ordered(
            "vip", ServiceJson.endpoint(drain.vip().address(), drain.vip().port()),
            "server", ServiceJson.endpoint(drain.server().address(), drain.server().port()),
            "ended", report.ended(),
            "closed", report.closed(),
            "gone", report.gone(),
            "left", report.left(),
            "unreachable", report.unreachable()));
  }

  static void conclude(Drain drain, DrainReport report) {
    if (!report.isComplete()) {
      throw new CommandException(
          ExitCode.LEFT,
          "drain: %d %s to %s could not be closed%s"
              .formatted(
                  report.left(),
                  report.left() == 1 ? "connection" : "connections",
                  drain.server(),
                  Failures.where(report.unreachable())),
          report.unreachable(),
          null);
    }
  }

  private static Server server(String text) {
    try {
      return Server.parse(text);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, "drain: " + e.getMessage(), e);
    }
  }

  static Duration deadline(String text) {
    try {
      return KeepaliveText.duration(text);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, "drain: " + e.getMessage(), e);
    }
  }

  static int rate(String text) {
    if (!text.matches("[1-9][0-9]{0,8}")) {
      throw new CommandException(
          ExitCode.USAGE, "drain: \"" + text + "\" is no number of connections from 1 on");
    }
    return Integer.parseInt(text);
  }
}
