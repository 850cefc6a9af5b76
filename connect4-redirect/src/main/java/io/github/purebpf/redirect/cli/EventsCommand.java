package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.ConnectionEvent;
import io.github.purebpf.redirect.ConnectionEvents;
import io.github.purebpf.redirect.VirtualAddress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Tells what happens to connections, as it happens. */
record EventsCommand() implements Command {
  private static final Option JSON = Option.flag("--json", "a line of JSON for each");
  private static final Option VIP =
      Option.optional("--vip", "VIP:PORT", "those of one virtual address alone");
  private static final Option COUNT =
      Option.optional("--count", "N", "end after so many events; else with a signal");
  private static final Duration LONG = Duration.ofHours(1);
  private static final Syntax SYNTAX =
      new Syntax(
          "events",
          "Tell what happens to connections, as it happens",
          List.of(PinOption.PIN, JSON, VIP, COUNT),
          List.of(),
          """
          A line for each connection that is established (with the time that the connect
          took), that failed, or that is closed (with the time since the connect), and for
          each connect that was refused for want of a server; with the container (cgroup)
          and the process that connected. The standard error says ready once it listens,
          and how many events were lost if they come faster than they are written. A
          signal ends it with exit status 0.

          One at a time can listen to a redirector; watch does, too, if nobody else does.

          The JSON is {"event":"established","at":"2026-01-31T12:00:00.123456789Z",
           "vip":{"address":"10.0.0.1","port":8500},
           "server":{"address":"10.1.2.3","port":8500},"nanoseconds":412345,
           "cgroup":4711,"path":"/a.slice/b.scope","process":815,"thread":815}, with null
          for what there is not.
          """);

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) {
    var vip = arguments.value(VIP).map(Mapping::parseVip);
    long count = arguments.value(COUNT).map(EventsCommand::count).orElse(Long.MAX_VALUE);
    var text = new EventText();
    try (var table = PinOption.open(arguments);
        var events = table.events();
        var _ = new EndOnSignal(events::close)) {
      System.err.println("ready: listening to " + arguments.value(PinOption.PIN).orElseThrow());
      new Printing(events, vip, count, arguments.has(JSON), text, out).run();
    }
  }

  private static final class Printing {
    private final ConnectionEvents events;
    private final Optional<VirtualAddress> vip;
    private final boolean json;
    private final EventText text;
    private final PrintStream out;
    private long left;

    Printing(
        ConnectionEvents events,
        Optional<VirtualAddress> vip,
        long count,
        boolean json,
        EventText text,
        PrintStream out) {
      this.events = events;
      this.vip = vip;
      this.left = count;
      this.json = json;
      this.text = text;
      this.out = out;
    }

    void run() {
      long lost = 0;
      while (left > 0 && events.poll(LONG, this::print) >= 0) {
        out.flush();
        long more = events.lost() - lost;
        if (more > 0) {
          lost += more;
          System.err.println("%s: %d events were lost".formatted(Main.NAME, more));
        }
        if (out.checkError()) {
          return; // nobody reads any more
        }
      }
    }

    private void print(ConnectionEvent event) {
      if (left > 0 && vip.map(event.vip()::equals).orElse(true)) {
        left--;
        out.println(json ? text.json(event) : text.line(event));
      }
    }
  }

  private static long count(String text) {
    if (!text.matches("[1-9][0-9]{0,17}")) {
      throw new CommandException(
          ExitCode.USAGE, "events: \"" + text + "\" is no number of events from 1 on");
    }
    return Long.parseLong(text);
  }
}
