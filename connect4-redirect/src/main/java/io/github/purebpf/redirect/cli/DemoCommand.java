package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.cli.demo.ConsulDemo;
import io.github.purebpf.redirect.cli.demo.Demo;
import io.github.purebpf.redirect.cli.text.Words;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;

/** Shows on this machine what the redirector does. */
record DemoCommand() implements Command {
  private static final String CONSUL = "consul";
  private static final Syntax SYNTAX =
      new Syntax(
          "demo",
          "Show on this machine what it does, in a few seconds, and clean up",
          List.of(),
          List.of("[" + CONSUL + "]"),
          """
          Starts two small servers on loopback and some client programs in a cgroup of
          their own, and lets them connect to an address where nobody listens: without the
          redirector, with it, and after another process has changed the table. It touches
          no other cgroup, no interface but loopback, and leaves nothing behind.

          With consul, it starts a small Consul, servers that hold connections, and
          sidecars that connect again when theirs is closed, and lets a controller follow
          Consul: a server leaves, one joins, Consul goes away. It shows how many
          connections each server has.

          Needs what run needs, and, but for consul, CAP_SYS_ADMIN for a BPF file system
          of its own.
          """);

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) throws IOException, InterruptedException {
    var failures =
        arguments.hasOperand(0)
            ? consul(arguments.operand(0), out)
            : Demo.run(out, colors(), Main.class);
    if (!failures.isEmpty()) {
      throw new CommandException(
          ExitCode.DEMO, "demo: this did not happen: " + String.join("; ", failures));
    }
  }

  private static List<String> consul(String story, PrintStream out)
      throws IOException, InterruptedException {
    if (!story.equals(CONSUL)) {
      throw new CommandException(
          ExitCode.USAGE, "demo: " + Words.unknown("story", story, List.of(CONSUL)));
    }
    return ConsulDemo.run(out, colors());
  }

  private static boolean colors() {
    // Null where input or output is no terminal, at least in Java 25.
    var console = Optional.ofNullable(System.console());
    var noColor = System.getenv("NO_COLOR");
    return console.filter(Console::isTerminal).isPresent()
        && (noColor == null || noColor.isEmpty())
        && !"dumb".equals(System.getenv("TERM"));
  }
}
