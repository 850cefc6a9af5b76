package io.github.purebpf.redirect.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/** One of the things that the command can do. */
sealed interface Command
    permits ApplyCommand,
        AttachCommand,
        CompletionCommand,
        ControllerCommand,
        DemoCommand,
        DetachCommand,
        DoctorCommand,
        DrainCommand,
        EnvoyBootstrapCommand,
        EventsCommand,
        ListCommand,
        ManCommand,
        MetricsCommand,
        RebalanceCommand,
        RunCommand,
        SetCommand,
        StatsCommand,
        TraceCommand,
        UnsetCommand,
        WatchCommand {
  /** All of them, in the order in which the help lists them. */
  List<Command> ALL =
      List.of(
          new DemoCommand(),
          new RunCommand(),
          new AttachCommand(),
          new DetachCommand(),
          new ControllerCommand(),
          new SetCommand(),
          new UnsetCommand(),
          new ListCommand(),
          new ApplyCommand(),
          new DrainCommand(),
          new RebalanceCommand(),
          new StatsCommand(),
          new WatchCommand(),
          new EventsCommand(),
          new TraceCommand(),
          new DoctorCommand(),
          new MetricsCommand(),
          new EnvoyBootstrapCommand(),
          new CompletionCommand(),
          new ManCommand());

  Syntax syntax();

  /**
   * Does it; returns normally if it was done.
   *
   * @throws CommandException if not, as far as the command itself finds out
   */
  void run(Arguments arguments, PrintStream out) throws IOException, InterruptedException;
}
