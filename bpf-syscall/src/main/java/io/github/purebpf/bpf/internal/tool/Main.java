package io.github.purebpf.bpf.internal.tool;

import io.github.purebpf.bpf.error.BpfException;
import io.github.purebpf.bpf.features.Features;
import io.github.purebpf.bpf.features.Report;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;

/** The program {@code bpf-features}. */
public final class Main {
  static final String NAME = "bpf-features";
  static final int OK = 0;
  static final int ERRORS = 1;
  static final int USAGE = 2;

  /** As a shell reports a program that SIGPIPE has ended. */
  static final int READER_GONE = 141;

  static final String HELP =
      """
      Usage: bpf-features [OPTION ...]

      Prints what the kernel can do with BPF and what this process may do, found out by
      trying: nothing is attached, and nothing stays behind. Any user may run it. What
      could not be tried for lack of a privilege is called forbidden, with the
      capabilities that it takes: run it as root to know.

      Options:
        --helpers  and the helpers that each type of program may call; takes seconds
        --json     print JSON
        --help     explain and do nothing

      Exit status:
        0  the report is printed, whatever it says
        1  there is no BPF on this system, or the output cannot be written
        2  the command line is wrong
      """;

  private static final String HELPERS = "--helpers";
  private static final String JSON = "--json";
  private static final List<String> HELP_WORDS = List.of("--help", "-h", "help");

  /** Makes reports. */
  interface Reporter {
    Report report(boolean withHelpers);
  }

  private Main() {}

  /** Prints the report and ends the process with the exit status that {@code --help} tells. */
  public static void main(String[] args) {
    // Not System.out, which keeps it to itself when the output is full or closed.
    var out = new FileOutputStream(FileDescriptor.out);
    System.exit(run(List.of(args), out, System.err, Main::ofThisKernel));
  }

  private static Report ofThisKernel(boolean withHelpers) {
    return withHelpers ? Features.reportWithHelpers() : Features.report();
  }

  static int run(List<String> words, OutputStream out, PrintStream err, Reporter reporter) {
    if (words.stream().anyMatch(HELP_WORDS::contains)) {
      return write(HELP, out, err);
    }
    var given = new HashSet<String>();
    for (var word : words) {
      if (!word.equals(JSON) && !word.equals(HELPERS)) {
        return refuse(
            word.startsWith("-")
                ? "there is no option " + word
                : "it takes options only, not " + word,
            err);
      }
      if (!given.add(word)) {
        return refuse(word + " is given twice", err);
      }
    }
    Report report;
    try {
      report = reporter.report(given.contains(HELPERS));
    } catch (UnsupportedOperationException | BpfException | UncheckedIOException e) {
      err.println(NAME + ": " + e.getMessage());
      return ERRORS;
    }
    return write(given.contains(JSON) ? report.toJson() : report.toString(), out, err);
  }

  private static int refuse(String reason, PrintStream err) {
    err.println("%s: %s (see %s --help)".formatted(NAME, reason, NAME));
    return USAGE;
  }

  private static int write(String text, OutputStream out, PrintStream err) {
    try {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
      return OK;
    } catch (IOException e) {
      var reason = String.valueOf(e.getMessage());
      if (reason.contains("Broken pipe")) {
        return READER_GONE;
      }
      err.println(NAME + ": cannot write the output: " + reason);
      return ERRORS;
    }
  }
}
