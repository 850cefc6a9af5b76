package io.github.purebpf.tool;

import io.github.purebpf.check.CheckOptions;
import io.github.purebpf.check.Checker;
import io.github.purebpf.check.Rule;
import io.github.purebpf.text.TextProgram;
import java.util.EnumSet;
import java.util.Set;

/** Finds what a kernel would refuse, and says so. */
final class CheckCommand implements Command {
  @Override
  public String name() {
    return "check";
  }

  @Override
  public String summary() {
    return "Says what a kernel would refuse a program for";
  }

  @Override
  public String description() {
    return """
    Each FILE, or the standard input, holds one program. FORMAT is
      text  assembly (the default)
      hex   hexadecimal digits
      raw   the bytes

    Prints "ok" if there is nothing to say. An error means that every kernel up to
    Linux 6.18 refuses the program; a warning, that it is probably not what was
    meant. Each names the slot, the reason, a remedy, and in brackets the RULE.

    With --each a file holds many programs with a line --- between them; of digits
    without such a line, each line is a program. Each is answered with one line:
    "ok", "warning at SLOT ...", "error at SLOT ...", or "error: LINE:COLUMN: ..."
    if it cannot be read. Of several findings it is the worst.

    TYPE is a program type and ATTACH an attach type as the kernel names them, in
    small letters without BPF_PROG_TYPE_ and BPF_; the usual short names of attach
    types will do. Without them only what holds for every type is checked. Maps and
    license may also be declared in the text, see assemble --help.
    """
        + ProgramName.list();
  }

  @Override
  public Set<Option> options() {
    return EnumSet.of(
        Option.DIALECT,
        Option.ENDIAN,
        Option.FORMAT,
        Option.EACH,
        Option.TYPE,
        Option.LICENSE,
        Option.MAP,
        Option.WITHOUT,
        Option.STRICT,
        Option.HELP);
  }

  @Override
  public boolean run(CommandLine line, Streams streams) {
    var format = Settings.format(line, Format.TEXT, Format.HEX, Format.RAW);
    var dialect = Settings.dialect(line);
    var order = Settings.order(line);
    var base = base(line);
    boolean strict = line.has(Option.STRICT);
    Streams.Answer answer =
        input -> {
          Verdict verdict;
          try {
            var program = Program.read(input, format, dialect, order);
            verdict = new Verdict(Checker.check(program.code(), options(line, base, program)));
          } catch (InputException e) {
            streams.out().line(e.line());
            return false;
          }
          streams.out().line(verdict.line());
          return verdict.passes(strict);
        };
    if (line.has(Option.EACH)) {
      return switch (format) {
        case TEXT -> streams.forEachText(line, answer);
        case HEX -> streams.forEachHex(line, answer);
        default -> throw new UsageException("--each reads lines; it goes with text and hex");
      };
    }
    boolean named = line.files().size() > 1;
    return streams.forFiles(
        line,
        input -> {
          var program = Program.read(input, format, dialect, order);
          var verdict = new Verdict(Checker.check(program.code(), options(line, base, program)));
          streams.out().text(verdict.describe(program.code(), input.name(), named));
          return verdict.passes(strict);
        });
  }

  /** What the command line says of all programs. */
  private static CheckOptions base(CommandLine line) {
    var options = line.value(Option.TYPE).map(ProgramName::parse).orElse(CheckOptions.ofAnyType());
    for (var id : line.values(Option.WITHOUT)) {
      options =
          options.without(
              Rule.byId(id)
                  .orElseThrow(
                      () ->
                          new UsageException(
                              Option.WITHOUT.word
                                  + " "
                                  + id
                                  + ": there is no such rule; findings end with theirs")));
    }
    return options;
  }

  /** With what a text says of itself. */
  private static CheckOptions options(CommandLine line, CheckOptions base, TextProgram program) {
    var options = base;
    var license = line.value(Option.LICENSE).or(program::license);
    if (license.isPresent()) {
      options = options.withLicense(Licenses.of(license.get()));
    }
    for (var map : Settings.maps(line, program.maps()).entrySet()) {
      options = options.withMap(map.getKey(), map.getValue());
    }
    return options;
  }
}
