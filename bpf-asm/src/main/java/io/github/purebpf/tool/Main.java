package io.github.purebpf.tool;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;

/** The program {@code bpf-asm}. */
public final class Main {
  static final String NAME = "bpf-asm";
  static final int OK = 0;
  static final int ERRORS = 1;
  static final int USAGE = 2;

  /** As a shell reports a program that SIGPIPE has ended. */
  static final int READER_GONE = 141;

  static final String EXIT_STATUS =
      """
      Exit status:
        0  done; for check: nothing worse than warnings
        1  the input has errors, or the output cannot be written
        2  the command line is wrong, or a file cannot be read
      """;

  /** In the order in which the help lists them. */
  static final List<Command> COMMANDS =
      List.of(new AssembleCommand(), new DisassembleCommand(), new CheckCommand());

  private static final List<String> HELP = List.of("--help", "-h", "help");

  private Main() {}

  /** Runs a command and ends the process with the exit status that {@code --help} tells. */
  public static void main(String[] args) {
    // Not System.out, which keeps it to itself when the output is full or closed.
    var out = new FileOutputStream(FileDescriptor.out);
    System.exit(run(List.of(args), System.in, out, System.err));
  }

  static int run(List<String> words, InputStream in, OutputStream out, PrintStream err) {
    var output = new Output(out);
    try {
      int status = run(words, new Streams(in, output, err));
      output.flush();
      return status;
    } catch (Output.Failure e) {
      if (e.isReaderGone()) {
        return READER_GONE;
      }
      err.println(NAME + ": cannot write the output: " + e.getCause().getMessage());
      return ERRORS;
    }
  }

  private static int run(List<String> words, Streams streams) {
    if (words.isEmpty()) {
      streams.err().print(help());
      return USAGE;
    }
    var first = words.getFirst();
    if (HELP.contains(first)) {
      streams.out().text(help());
      return OK;
    }
    if (first.equals("--version")) {
      streams.out().line(version());
      return OK;
    }
    for (var command : COMMANDS) {
      if (command.name().equals(first)) {
        return run(command, words.subList(1, words.size()), streams);
      }
    }
    streams.err().println(NAME + ": there is no command " + first + " (see " + NAME + " --help)");
    return USAGE;
  }

  private static int run(Command command, List<String> words, Streams streams) {
    try {
      var line = CommandLine.parse(command.options(), words);
      if (line.has(Option.HELP)) {
        streams.out().text(command.help());
        return OK;
      }
      return command.run(line, streams) ? OK : ERRORS;
    } catch (UsageException e) {
      streams.out().flush();
      streams
          .err()
          .println(
              "%s %s: %s (see %s %s --help)"
                  .formatted(NAME, command.name(), e.getMessage(), NAME, command.name()));
      return USAGE;
    }
  }

  private static String help() {
    var out = new StringBuilder();
    out.append(
        """
        Usage: bpf-asm COMMAND [OPTION ...] [FILE ...]

        Assembles, disassembles and checks BPF programs. Needs no privilege and no
        kernel. Without a FILE, or with -, it reads the standard input.

        Commands:
        """);
    for (var command : COMMANDS) {
      out.append("  %-12s %s%n".formatted(command.name(), command.summary()));
    }
    out.append(
        """

        Options:
          --help     explain and do nothing; COMMAND --help explains a command
          --version  print the version

        """);
    return out.append(EXIT_STATUS).toString();
  }

  private static String version() {
    var descriptor = Main.class.getModule().getDescriptor();
    var version = descriptor == null ? "" : descriptor.rawVersion().map(v -> " " + v).orElse("");
    return NAME + version + ", Java " + Runtime.version();
  }
}
