package io.github.purebpf.tool;

import io.github.purebpf.text.AsmText;
import io.github.purebpf.text.Dialect;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.Set;

/** Bytes to texts. */
final class DisassembleCommand implements Command {
  @Override
  public String name() {
    return "disassemble";
  }

  @Override
  public String summary() {
    return "Turns code into assembly, which assemble turns into the same code again";
  }

  @Override
  public String description() {
    return """
    Each FILE, or the standard input, holds one program. FORMAT is
      hex  hexadecimal digits; blanks, line ends, commas and 0x between bytes are
           passed over (the default)
      raw  the bytes; of an object's section, llvm-objcopy -O binary -j SECTION

    With --each a file of digits holds many programs, either with a line --- between
    them or, without such a line, one in each line. The texts have a line ---
    between them; instead of a text there may be "error: LINE:COLUMN: ...".
    """;
  }

  @Override
  public Set<Option> options() {
    return EnumSet.of(Option.DIALECT, Option.ENDIAN, Option.FORMAT, Option.EACH, Option.HELP);
  }

  @Override
  public boolean run(CommandLine line, Streams streams) {
    var format = Settings.format(line, Format.HEX, Format.RAW);
    var dialect = Settings.dialect(line);
    var order = Settings.order(line);
    if (line.has(Option.EACH)) {
      if (format != Format.HEX) {
        throw new UsageException("--each reads digits; it goes with --format hex");
      }
      return streams.forEachHex(line, new Texts(dialect, order, streams.out()));
    }
    return streams.forFiles(
        line,
        input -> {
          streams.out().text(text(input, format, dialect, order));
          return true;
        });
  }

  private static String text(Input input, Format format, Dialect dialect, ByteOrder order) {
    return AsmText.print(Program.read(input, format, dialect, order).code(), dialect);
  }

  /** Texts with separators between them. */
  private static final class Texts implements Streams.Answer {
    private final Dialect dialect;
    private final ByteOrder order;
    private final Output out;
    private boolean first = true;

    Texts(Dialect dialect, ByteOrder order, Output out) {
      this.dialect = dialect;
      this.order = order;
      this.out = out;
    }

    @Override
    public boolean write(Input program) {
      if (!first) {
        out.line(EachReader.SEPARATOR);
      }
      first = false;
      try {
        out.text(text(program, Format.HEX, dialect, order));
        return true;
      } catch (InputException e) {
        out.line(e.line());
        return false;
      }
    }
  }
}
