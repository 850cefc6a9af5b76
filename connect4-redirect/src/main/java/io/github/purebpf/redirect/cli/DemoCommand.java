package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.cli.demo.Demo;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/** Shows on this machine what the redirector does. */
record DemoCommand() implements Command {
  private static final Syntax SYNTAX =
      new Syntax(
          "demo",
          "Show on this machine what it does, in a few seconds, and clean up",
          List.of(),
          List.of(),
          """
          Starts two small servers on loopback and some client programs in a cgroup of their
          own, and lets them connect to an address where nobody listens: without the
          redirector, with it, and after another process has changed the table. It touches
          no other cgroup, no interface but loopback, and leaves nothing behind.
          """);

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) throws IOException, InterruptedException {
    var failures = Demo.run(out, colors(), Main.class);
    if (!failures.isEmpty()) {
      throw new CommandException(
          ExitCode.DEMO, "demo: this did not happen: " + String.join("; ", failures));
    }
  }

  private static boolean colors() {
    var console = System.console();
    var noColor = System.getenv("NO_COLOR");
    return console != null
        && console.isTerminal()
        && (noColor == null || noColor.isEmpty())
        && !"dumb".equals(System.getenv("TERM"));
  }
}
