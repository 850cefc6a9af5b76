package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.cli.text.Suggestion;
import java.io.PrintStream;
import java.util.List;

/** The program {@code connect4-redirect}. */
public final class Main {
  static final String NAME = "connect4-redirect";

  private static final List<String> HELP = List.of("--help", "-h", "help");

  private Main() {}

  /** Runs a command and ends the process with one of the exit codes that {@code --help} lists. */
  public static void main(String[] args) {
    var exitCode = run(List.of(args), System.out, System.err);
    Signals.end(exitCode);
    System.exit(exitCode.status());
  }

  static ExitCode run(List<String> words, PrintStream out, PrintStream err) {
    if (words.isEmpty()) {
      err.print(help());
      return ExitCode.USAGE;
    }
    var first = words.getFirst();
    if (HELP.contains(first)) {
      out.print(help());
      return ExitCode.OK;
    }
    if (first.equals("--version")) {
      out.println(version());
      return ExitCode.OK;
    }
    for (var command : Command.ALL) {
      if (command.syntax().command().equals(first)) {
        return run(command, words.subList(1, words.size()), out, err);
      }
    }
    var known = Command.ALL.stream().map(command -> command.syntax().command()).toList();
    var near = Suggestion.of(first, known).map(word -> "; did you mean " + word + "?").orElse("");
    err.println(
        "%s: there is no command \"%s\"%s (see %s --help)".formatted(NAME, first, near, NAME));
    return ExitCode.USAGE;
  }

  private static ExitCode run(
      Command command, List<String> words, PrintStream out, PrintStream err) {
    try {
      var arguments = Arguments.parse(command.syntax(), words);
      if (arguments.has(Syntax.HELP)) {
        out.print(command.syntax().help());
      } else {
        command.run(arguments, out);
      }
      return ExitCode.OK;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return report(e, words, err);
    } catch (Exception e) {
      return report(e, words, err);
    }
  }

  private static ExitCode report(Exception e, List<String> words, PrintStream err) {
    var diagnosis = Diagnosis.of(e);
    err.println(NAME + ": " + diagnosis.sentence());
    if (e instanceof CommandException command) {
      command.detail().forEach(err::println);
    }
    if (words.contains(Syntax.STACKTRACE.name())) {
      e.printStackTrace(err);
    }
    return diagnosis.exitCode();
  }

  private static String help() {
    var out = new StringBuilder();
    out.append(
        """
        Usage: connect4-redirect COMMAND [OPTION ...]

        Redirects the TCP connects of the programs in a cgroup: one to a virtual address
        (VIP:PORT) lands on the server that a table names. IPv4 only, IPv4-mapped
        addresses on IPv6 sockets included.

        Commands:
        """);
    var syntaxes = Command.ALL.stream().map(Command::syntax).toList();
    int width = syntaxes.stream().mapToInt(syntax -> syntax.command().length()).max().orElse(0);
    for (var syntax : syntaxes) {
      out.append("  %%-%ds  %%s%%n".formatted(width).formatted(syntax.command(), syntax.summary()));
    }
    out.append(
        """

        Options:
          --help     explain and do nothing; COMMAND --help explains a command
          --version  print the version

        """);
    return out.append(Syntax.exitStatus()).toString();
  }

  private static String version() {
    var descriptor = Main.class.getModule().getDescriptor();
    var version = descriptor == null ? "" : descriptor.rawVersion().map(v -> " " + v).orElse("");
    return "%s%s, Java %s, %s %s"
        .formatted(
            NAME,
            version,
            Runtime.version(),
            System.getProperty("os.name"),
            System.getProperty("os.version"));
  }
}
