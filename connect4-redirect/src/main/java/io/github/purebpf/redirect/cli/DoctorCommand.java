package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.cli.doctor.Examination;
import io.github.purebpf.redirect.cli.doctor.Finding;
import io.github.purebpf.redirect.cli.doctor.Finding.Level;
import io.github.purebpf.redirect.cli.text.Words;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/** Looks for what keeps a redirector from working. */
record DoctorCommand() implements Command {
  private static final Option JSON = Option.flag("--json", "one line of JSON");
  private static final Option PIN =
      Option.optional(
          "--pin", "DIR", "look at the table that is pinned there, too, and where it is attached");
  private static final Option CGROUP =
      Option.optional("--cgroup", "DIR", "look at what is attached there and above, too");
  private static final Syntax SYNTAX =
      new Syntax(
          "doctor",
          "Look for what keeps a redirector from working, and say what to do",
          List.of(JSON, PIN, CGROUP),
          List.of(),
          """
          Looks at the kernel and its features, capabilities, sysctls, the mounts of the
          BPF file system and of cgroup2, the programs of others that are in the way, and
          the state of the table. Attaches nothing and changes nothing. One line for each
          finding: ok, warning or problem, what was looked at, and what was found; below
          a bad one is the remedy. The exit status goes by the worst.

          The JSON is {"worst":"warning","findings":[{"level":"warning",
           "subject":"bpffs","text":"...","remedy":"..."},...]}; the remedy is null where
          all is well.
          """);

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) {
    var findings =
        Examination.of(arguments.value(CGROUP).map(Path::of), arguments.value(PIN).map(Path::of));
    if (arguments.has(JSON)) {
      out.println(json(findings));
    } else {
      lines(findings).forEach(out::println);
    }
    out.flush();
    conclude(findings);
  }

  static List<String> lines(List<Finding> findings) {
    int width = findings.stream().mapToInt(finding -> finding.subject().length()).max().orElse(0);
    return findings.stream()
        .<String>mapMulti(
            (finding, lines) -> {
              lines.accept(
                  "%-7s  %s%s  %s"
                      .formatted(
                          Words.of(finding.level()),
                          finding.subject(),
                          " ".repeat(width - finding.subject().length()),
                          finding.text()));
              finding
                  .remedy()
                  .ifPresent(remedy -> lines.accept(" ".repeat(11 + width) + "-> " + remedy));
            })
        .toList();
  }

  static String json(List<Finding> findings) {
    return Json.write(
        ServiceJson.ordered(
            "worst",
            Words.of(worst(findings)),
            "findings",
            findings.stream()
                .map(
                    finding ->
                        ServiceJson.ordered(
                            "level", Words.of(finding.level()),
                            "subject", finding.subject(),
                            "text", finding.text(),
                            "remedy", finding.remedy().orElse(null)))
                .toList()));
  }

  private static Level worst(List<Finding> findings) {
    return findings.stream().map(Finding::level).max(Comparator.naturalOrder()).orElse(Level.OK);
  }

  static void conclude(List<Finding> findings) {
    var worst = worst(findings);
    if (worst != Level.OK) {
      long count = findings.stream().filter(finding -> finding.level() == worst).count();
      throw new CommandException(
          worst == Level.WARNING ? ExitCode.WARNING : ExitCode.PROBLEM,
          "doctor: %d %s%s; the remedies are above"
              .formatted(count, Words.of(worst), count == 1 ? "" : "s"));
    }
  }
}
