package io.github.purebpf.tool;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.text.Dialect;
import io.github.purebpf.text.TextProgram;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.Set;

/** Texts to bytes. */
final class AssembleCommand implements Command {
  @Override
  public String name() {
    return "assemble";
  }

  @Override
  public String summary() {
    return "Turns assembly into code";
  }

  @Override
  public String description() {
    return """
    Each FILE, or the standard input, holds one program. FORMAT is
      hex  one line of hexadecimal digits for each program (the default)
      raw  the bytes of one program
      c    an initialised array of struct bpf_insn for each program
      elf  an object file for libbpf, bpftool and llvm-objdump, with all programs

    With --each a file holds many programs with a line --- between them. Each is
    answered with one line: its digits, or "error: LINE:COLUMN: ..." where the
    lines are counted from the program's first.

    An object needs a section, which tells the type of program, and the maps that
    the program names. The text says so, or options do, which win:
      .section cgroup/connect4
      .license GPL
      .map services hash 4 4 65536
    The sizes of keys and values are in bytes. A label in front of the first
    instruction names the program.
    """;
  }

  @Override
  public Set<Option> options() {
    return EnumSet.of(
        Option.DIALECT,
        Option.ENDIAN,
        Option.FORMAT,
        Option.EACH,
        Option.SECTION,
        Option.LICENSE,
        Option.MAP,
        Option.HELP);
  }

  @Override
  public boolean run(CommandLine line, Streams streams) {
    var format = Settings.format(line, Format.HEX, Format.RAW, Format.ELF, Format.C);
    var dialect = Settings.dialect(line);
    var order = Settings.order(line);
    for (var option : EnumSet.of(Option.SECTION, Option.LICENSE, Option.MAP)) {
      if (line.has(option) && format != Format.ELF) {
        throw new UsageException(option.word + " is for --format elf");
      }
    }
    if (line.has(Option.EACH)) {
      if (format != Format.HEX) {
        throw new UsageException(
            "--each answers with one line for a program; it goes with --format hex");
      }
      return streams.forEachText(line, input -> line(input, dialect, order, streams.out()));
    }
    return switch (format) {
      case ELF -> new ObjectFile(line, dialect, order).write(streams);
      case RAW -> {
        if (line.files().size() > 1) {
          throw new UsageException("--format raw holds one program; name one file");
        }
        yield streams.forFiles(
            line,
            input -> {
              streams.out().bytes(Program.encode(parse(input, dialect).code(), input, order));
              return true;
            });
      }
      case C ->
          streams.forFiles(
              line,
              input -> {
                var program = parse(input, dialect);
                var bytes = Program.encode(program.code(), input, ByteOrder.LITTLE_ENDIAN);
                streams.out().text(CArray.of(program.name().orElse("program"), bytes));
                return true;
              });
      case HEX, TEXT ->
          streams.forFiles(
              line,
              input -> {
                streams.out().line(hex(parse(input, dialect).code(), input, order));
                return true;
              });
    };
  }

  private static boolean line(Input input, Dialect dialect, ByteOrder order, Output out) {
    try {
      out.line(hex(parse(input, dialect).code(), input, order));
      return true;
    } catch (InputException e) {
      out.line(e.line());
      return false;
    }
  }

  private static TextProgram parse(Input input, Dialect dialect) {
    return Program.read(input, Format.TEXT, dialect, ByteOrder.LITTLE_ENDIAN);
  }

  private static String hex(BpfCode code, Input input, ByteOrder order) {
    return Hex.print(Program.encode(code, input, order));
  }
}
