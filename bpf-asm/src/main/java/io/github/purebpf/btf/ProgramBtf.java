package io.github.purebpf.btf;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.BpfFunction;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.SourceLine;
import io.github.purebpf.text.KernelText;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a program tells the kernel about its source: the names of its functions and the line of each
 * instruction, as {@code BPF_PROG_LOAD} takes them; Linux 5.0.
 *
 * <p>The verifier's log and {@code bpftool prog dump xlated linum} show the lines; the functions
 * are what makes callbacks possible. Every function is {@code static int name(void)}, since the
 * kernel verifies the others on their own, without knowing their arguments.
 *
 * @param types the BTF, which holds all strings
 * @param functions one for each function, by ascending slot
 * @param lines by strictly ascending slot; empty if no line is known
 */
public record ProgramBtf(BtfBuilder types, List<FuncInfo> functions, List<LineInfo> lines) {
  /** The kernel takes 16 MiB of BTF; from here on, lines go without their text. */
  private static final int MAX_TEXT = 8 << 20;

  /** The kernel complains in its own log about a line that makes more than 1023 bytes. */
  private static final int MAX_CHARS = 255;

  private static final BtfType.Int INT =
      new BtfType.Int("int", 4, 32, 0, BtfType.IntEncoding.SIGNED);

  /** Copies the lists. */
  public ProgramBtf {
    functions = List.copyOf(functions);
    lines = List.copyOf(lines);
  }

  /**
   * A {@code bpf_func_info}.
   *
   * @param slot the function's first slot
   * @param type the id of its {@link BtfType.Func}
   */
  public record FuncInfo(int slot, int type) {
    /** The bytes of a record. */
    public static final int SIZE = 8;
  }

  /**
   * A {@code bpf_line_info}.
   *
   * @param slot the first slot that comes from the line
   * @param file where the file's name lies among the strings
   * @param text where the line's text lies
   * @param line 0 (unknown) to {@link #MAX_LINE}
   * @param column 0 (unknown) to {@link #MAX_COLUMN}
   */
  public record LineInfo(int slot, int file, int text, int line, int column) {
    /** The bytes of a record. */
    public static final int SIZE = 16;

    /** The highest number of a line: it has 22 bits. */
    public static final int MAX_LINE = (1 << 22) - 1;

    /** The highest column: it has 10 bits. */
    public static final int MAX_COLUMN = (1 << 10) - 1;

    /** Refuses what would spill into the other field. */
    public LineInfo {
      if (line < 0 || line > MAX_LINE || column < 0 || column > MAX_COLUMN) {
        throw new IllegalArgumentException(
            "line %d, column %d of slot %d is outside %d and %d"
                .formatted(line, column, slot, MAX_LINE, MAX_COLUMN));
      }
    }

    private boolean sameSource(LineInfo other) {
      return file == other.file
          && text == other.text
          && line == other.line
          && column == other.column;
    }
  }

  /**
   * The functions and lines of a program.
   *
   * <p>The text of a line is that of the source where it is known, and else the instruction. Lines
   * and columns beyond what the format holds become its highest.
   *
   * @param code bound or not; names of maps read better than descriptors
   * @param name the program's name, which its entry gets
   */
  public static ProgramBtf of(BpfCode code, String name) {
    return in(new BtfBuilder(), code, name);
  }

  /**
   * The functions and lines of a program, as {@link #of} has them, among other types: those of the
   * other programs and the maps of an object.
   *
   * @param types what the program's types are added to
   */
  public static ProgramBtf in(BtfBuilder types, BpfCode code, String name) {
    int proto = types.intern(new BtfType.FuncProto(types.intern(INT), List.of()));
    var functions = functions(code, name, types, proto);
    boolean known = code.sourceLines().stream().anyMatch(line -> line.isPresent());
    return new ProgramBtf(types, functions, known ? lines(code, types, functions) : List.of());
  }

  private static List<FuncInfo> functions(BpfCode code, String name, BtfBuilder types, int proto) {
    var names = new HashMap<Integer, String>();
    code.functions().forEach(function -> names.put(function.start(), function.name()));
    names.put(0, name);
    // The kernel counts the functions that are called; the code may name more.
    return BpfCode.of(code.insns()).functions().stream()
        .map(BpfFunction::start)
        .map(
            slot -> {
              var function = CName.of(names.get(slot));
              return new FuncInfo(
                  slot, types.add(new BtfType.Func(function, proto, BtfType.Linkage.STATIC)));
            })
        .toList();
  }

  private static List<LineInfo> lines(BpfCode code, BtfBuilder types, List<FuncInfo> functions) {
    var starts = functions.stream().map(FuncInfo::slot).collect(Collectors.toSet());
    var sources = code.sourceLines();
    var lines = new ArrayList<LineInfo>();
    int slot = 0;
    for (int i = 0; i < sources.size(); i++) {
      var insn = code.insns().get(i);
      var line = line(slot, insn, sources.get(i).orElse(null), types);
      if (starts.contains(slot) || !line.sameSource(lines.getLast())) {
        lines.add(line);
      }
      slot += insn.slots();
    }
    return lines;
  }

  private static LineInfo line(int slot, Insn insn, SourceLine source, BtfBuilder types) {
    var text = source == null || source.text().isBlank() ? KernelText.print(insn) : source.text();
    int textOffset = types.stringBytes() > MAX_TEXT ? 0 : types.string(oneLine(text));
    return source == null
        ? new LineInfo(slot, 0, textOffset, 0, 0)
        : new LineInfo(
            slot,
            types.string(oneLine(source.file())),
            textOffset,
            Math.min(source.line(), LineInfo.MAX_LINE),
            Math.min(source.column(), LineInfo.MAX_COLUMN));
  }

  /** The kernel prints it into the middle of a log that is read line by line. */
  private static String oneLine(String text) {
    var line = new StringBuilder();
    text.strip()
        .codePoints()
        .map(point -> Character.isISOControl(point) || isSurrogate(point) ? ' ' : point)
        .takeWhile(_ -> line.length() < MAX_CHARS)
        .forEach(line::appendCodePoint);
    return line.toString();
  }

  private static boolean isSurrogate(int point) {
    return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
  }

  /** The {@code func_info} array, records of {@link FuncInfo#SIZE} bytes. */
  public byte[] funcInfo(ByteOrder order) {
    var bytes = ByteBuffer.allocate(functions.size() * FuncInfo.SIZE).order(order);
    functions.forEach(function -> bytes.putInt(function.slot()).putInt(function.type()));
    return bytes.array();
  }

  /** The {@code line_info} array, records of {@link LineInfo#SIZE} bytes. */
  public byte[] lineInfo(ByteOrder order) {
    var bytes = ByteBuffer.allocate(lines.size() * LineInfo.SIZE).order(order);
    lines.forEach(
        line ->
            bytes
                .putInt(line.slot())
                .putInt(line.file())
                .putInt(line.text())
                .putInt(line.line() << 10 | line.column()));
    return bytes.array();
  }
}
