package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.cli.config.Changes;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/** Makes the table equal to a file. */
record ApplyCommand() implements Command {
  private static final Option DRY_RUN =
      Option.flag("--dry-run", "say what would change, and change nothing");
  private static final Syntax SYNTAX =
      new Syntax(
          "apply",
          "Make the table of a redirector that runs equal to a file",
          List.of(PinOption.PIN, DRY_RUN),
          List.of("FILE"),
          """
          Adds, changes and removes virtual addresses, all or nothing, and prints each: +
          for a new one, ~ for one that is changed, - for one that is taken out. What is
          as it should be is not touched. The file:

            # a comment
            service 10.0.0.1:8500
              policy least-connections    # if left out, this
              no-server refuse            # if left out, this
              keepalive 30s/10s/3/20s     # if left out, off
              server 10.1.2.3:8500
              server 10.1.2.4:8500 weight 3

          One statement is one line. The values are those that set takes. What is wrong
          is told with its line and column, and nothing is changed then. list --as-config
          writes such a file.
          """);

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) {
    var file = new ConfigFile(Path.of(arguments.operand(0)));
    var wanted = file.parse(file.read());
    boolean dry = arguments.has(DRY_RUN);
    Changes changes;
    try (var table = PinOption.open(arguments)) {
      changes = dry ? ConfigFile.changes(table, wanted) : ConfigFile.apply(table, wanted);
    }
    changes.list().forEach(out::println);
    out.println(changes + (dry ? " (a dry run, nothing is changed)" : ""));
  }
}
