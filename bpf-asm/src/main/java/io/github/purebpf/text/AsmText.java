package io.github.purebpf.text;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.insn.Insn;
import java.util.Objects;

/**
 * Reads and prints programs as text.
 *
 * <p>Printing loses nothing: any program decoded from bytes, those with unknown instructions
 * included, is printed as a text that is read back to the same bytes.
 *
 * <pre>{@code
 * var code = AsmText.parse("""
 *     r1 = *(u32 *)(r1 +4)
 *     r0 = 0
 *     if r1 == 0x100007f goto local   ; 127.0.0.1 in network order
 *     r0 = 1
 *   local:
 *     exit
 *   """, "local.bpf", Dialect.KERNEL);
 * }</pre>
 */
public final class AsmText {
  private AsmText() {}

  /**
   * Assembles a program. Its entry is the first function of the text; a further function begins at
   * a label that is called or whose address is taken. A call of a name that is no label is a call
   * of a helper, or if there is none of that name, of a kfunc; an address that is no label's is a
   * map's. Labels may be any distance away.
   *
   * @param fileName the name that errors, and the program's source lines, call the text by
   * @throws TextException if any line cannot be read; it has all errors, each with its place
   */
  public static BpfCode parse(String text, String fileName, Dialect dialect) {
    return parseProgram(text, fileName, dialect).code();
  }

  /**
   * Assembles a program as {@link #parse} does, and keeps what the text says about it:
   *
   * <pre>{@code
   *   .section cgroup/connect4
   *   .license "Dual MIT/GPL"
   *   .map services hash 4 4 65536 no_prealloc
   * sock4_connect:
   *   ...
   * }</pre>
   *
   * <p>Behind the type of a map stand the bytes of a key, the bytes of a value, the number of
   * entries, and if need be flags with {@code |} between them.
   *
   * @param fileName the name that errors, and the program's source lines, call the text by
   * @throws TextException if any line cannot be read; it has all errors, each with its place
   */
  public static TextProgram parseProgram(String text, String fileName, Dialect dialect) {
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(fileName, "fileName");
    Objects.requireNonNull(dialect, "dialect");
    return TextParser.parse(new SourceText(fileName, text), dialect);
  }

  /**
   * A program as text, one instruction a line, jumps to labels. Jumps into the middle of an
   * instruction, or out of their function, are printed with their offsets.
   */
  public static String print(BpfCode code, Dialect dialect) {
    return new ProgramPrinter(code, InsnPrinter.of(dialect)).print();
  }

  /** One instruction, with the offset of a jump or call as a number. */
  public static String print(Insn insn, Dialect dialect) {
    return InsnPrinter.of(dialect).print(insn, null);
  }
}
