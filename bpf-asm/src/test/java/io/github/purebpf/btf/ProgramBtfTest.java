package io.github.purebpf.btf;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.Arg;
import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.SourceLines;
import io.github.purebpf.btf.ProgramBtf.LineInfo;
import io.github.purebpf.insn.SourceLine;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ProgramBtfTest {
  private static BpfCode code(Consumer<BpfBuilder> body) {
    return BpfCode.build(SourceLines.OMITTED, body);
  }

  /** The lines as {@code slot text @ file:line:column}. */
  private static List<String> lines(ProgramBtf btf) {
    byte[] bytes = btf.types().build(ByteOrder.LITTLE_ENDIAN);
    int strings = bytes.length - btf.types().stringBytes();
    return btf.lines().stream()
        .map(
            line ->
                "%d %s @ %s:%d:%d"
                    .formatted(
                        line.slot(),
                        string(bytes, strings + line.text()),
                        string(bytes, strings + line.file()),
                        line.line(),
                        line.column()))
        .toList();
  }

  private static String string(byte[] bytes, int at) {
    int end = at;
    while (bytes[end] != 0) {
      end++;
    }
    return new String(bytes, at, end - at, java.nio.charset.StandardCharsets.UTF_8);
  }

  private static List<String> functions(ProgramBtf btf) {
    var types = Btf.parse(btf.types().build(ByteOrder.LITTLE_ENDIAN));
    return btf.functions().stream().map(f -> f.slot() + " " + types.type(f.type())).toList();
  }

  @Test
  void aSmallProgramHasTheseBytes() {
    var code = code(b -> b.sourceLine(new SourceLine("a.s", 3, 5, " r0 = 1 ")).mov(R0, 1).exit());
    var btf = ProgramBtf.of(code, "one");
    var hex = HexFormat.of();
    assertEquals(
        "9feb010018000000" // magic, version, flags, header length
            + "00000000"
            + "28000000"
            + "28000000"
            + "14000000" // types, strings
            + "01000000"
            + "00000001"
            + "04000000"
            + "20000001" // 1: int
            + "00000000"
            + "0000000d"
            + "01000000" // 2: int (void)
            + "05000000"
            + "0000000c"
            + "02000000" // 3: static one
            + "00"
            + "696e7400"
            + "6f6e6500" // "", int, one
            + "7230203d203100"
            + "612e7300", // r0 = 1, a.s
        hex.formatHex(btf.types().build(ByteOrder.LITTLE_ENDIAN)));
    assertEquals("00000000" + "03000000", hex.formatHex(btf.funcInfo(ByteOrder.LITTLE_ENDIAN)));
    assertEquals(
        "00000000" + "10000000" + "09000000" + "050c0000",
        hex.formatHex(btf.lineInfo(ByteOrder.LITTLE_ENDIAN)));
    assertEquals("00000000" + "00000003", hex.formatHex(btf.funcInfo(ByteOrder.BIG_ENDIAN)));
    assertEquals(
        "00000000" + "00000010" + "00000009" + "00000c05",
        hex.formatHex(btf.lineInfo(ByteOrder.BIG_ENDIAN)));
  }

  @Test
  void instructionsStandForTheTextOfALineThatIsNotKnown() {
    var code =
        code(
            b ->
                b.sourceLine(new SourceLine("Redirect.java", 7))
                    .lddw(R1, 5L)
                    .mov(R0, R1)
                    .sourceLine(new SourceLine("Redirect.java", 8))
                    .exit());
    assertEquals(
        List.of(
            "0 r1 = 0x5 @ Redirect.java:7:0",
            "2 r0 = r1 @ Redirect.java:7:0",
            "3 exit @ Redirect.java:8:0"),
        lines(ProgramBtf.of(code, "p")));
  }

  @Test
  void javaLinesComeFromTheBuilder() {
    var lines = lines(ProgramBtf.of(Lines.code(), "p"));
    assertTrue(lines.getFirst().startsWith("0 r0 = 0 @ "), lines::toString);
    assertEquals(2, lines.size());
  }

  private static final class Lines {
    static BpfCode code() {
      return BpfCode.build(b -> b.mov(R0, 0).exit());
    }
  }

  @Test
  void withoutAnyLineThereAreOnlyFunctions() {
    var btf = ProgramBtf.of(code(b -> b.mov(R0, 0).exit()), "p");
    assertEquals(List.of(), btf.lines());
    assertEquals(0, btf.lineInfo(ByteOrder.LITTLE_ENDIAN).length);
    assertEquals(1, btf.functions().size());
  }

  @Test
  void anUnknownLineIsNotTakenForTheOneBefore() {
    var code =
        code(
            b -> {
              var function = b.newFunction("sub");
              b.sourceLine(new SourceLine("a.s", 1)).call(function).exit();
              b.function(function, f -> f.mov(R0, 0).exit());
            });
    assertEquals(
        List.of("0 call pc+1 @ a.s:1:0", "1 exit @ a.s:1:0", "2 r0 = 0 @ :0:0", "3 exit @ :0:0"),
        lines(ProgramBtf.of(code, "p")));
  }

  @Test
  void everyFunctionIsStaticAndTakesNothing() {
    var code =
        code(
            b -> {
              var callback = b.newFunction("each");
              var function = b.newFunction("a.b");
              b.call(function).loop(3, callback, Arg.imm(0)).returning(0);
              b.function(callback, f -> f.returning(0));
              b.function(function, f -> f.returning(0));
            });
    var btf = ProgramBtf.of(code, "2nd.prog");
    assertEquals(
        List.of(
            "0 Func[name=_2nd_prog, type=2, linkage=STATIC]",
            "9 Func[name=each, type=2, linkage=STATIC]",
            "11 Func[name=a_b, type=2, linkage=STATIC]"),
        functions(btf));
    var types = Btf.parse(btf.types().build(ByteOrder.LITTLE_ENDIAN));
    assertEquals(new BtfType.FuncProto(1, List.of()), types.type(2));
  }

  @Test
  void aFunctionThatNobodyCallsIsNoneToTheKernel() {
    var code =
        code(
            b -> {
              b.returning(0);
              b.function(b.newFunction("unused"), f -> f.returning(0));
            });
    assertEquals(2, code.functions().size());
    assertEquals(1, ProgramBtf.of(code, "p").functions().size());
  }

  @Test
  void linesAndColumnsStayInTheirFields() {
    var code =
        code(
            b ->
                b.sourceLine(new SourceLine("a.s", Integer.MAX_VALUE, Integer.MAX_VALUE, "x"))
                    .returning(0));
    assertEquals(List.of("0 x @ a.s:4194303:1023"), lines(ProgramBtf.of(code, "p")));
    assertThrows(IllegalArgumentException.class, () -> new LineInfo(0, 0, 0, 1 << 22, 0));
    assertThrows(IllegalArgumentException.class, () -> new LineInfo(0, 0, 0, 0, 1 << 10));
    assertEquals(LineInfo.MAX_LINE, new LineInfo(0, 0, 0, (1 << 22) - 1, 1023).line());
  }

  @Test
  void textIsOneShortLine() {
    var code =
        code(
            b ->
                b.sourceLine(
                        new SourceLine("a\n.s", 1, 0, "\tr0 = 1\0;\r\n \ud800" + "x".repeat(999)))
                    .returning(0));
    var line = lines(ProgramBtf.of(code, "p")).getFirst();
    assertTrue(line.startsWith("0 r0 = 1 ;    xxx"), line);
    assertTrue(line.endsWith("xxx @ a .s:1:0"), line);
    assertEquals(255, line.length() - "0 ".length() - " @ a .s:1:0".length());
  }

  @Test
  void aLineOfTextStandsOnceForAllItsInstructions() {
    var code =
        code(
            b -> {
              var function = b.newFunction("sub");
              b.sourceLine(new SourceLine("a.s", 1, 0, "x")).call(function).mov(R0, 0).exit();
              b.function(
                  function, f -> f.sourceLine(new SourceLine("a.s", 1, 0, "x")).returning(0));
            });
    // Though it is the same, a function must begin with one.
    assertEquals(List.of("0 x @ a.s:1:0", "3 x @ a.s:1:0"), lines(ProgramBtf.of(code, "p")));
  }

  @Property
  void recordsKeepTheKernelsRules(
      @ForAll @Size(min = 1, max = 40) List<@IntRange(max = 3) Integer> insns,
      @ForAll @Size(max = 3) List<@IntRange(max = 2) Integer> functions) {
    var code =
        code(
            b -> {
              for (int i = 0; i < functions.size(); i++) {
                var function = b.newFunction("f" + i);
                b.call(function);
                b.function(function, f -> body(f, insns));
              }
              body(b, insns);
            });
    var btf = ProgramBtf.of(code, "p");
    assertEquals(functions.size() + 1, btf.functions().size());
    var slots = btf.lines().stream().map(LineInfo::slot).toList();
    assertEquals(slots.stream().distinct().sorted().toList(), slots, "strictly ascending");
    assertTrue(firstSlots(code).containsAll(slots), "never on the second slot of a constant");
    if (!slots.isEmpty()) {
      btf.functions().forEach(f -> assertTrue(slots.contains(f.slot()), () -> f + " " + slots));
    }
    assertArrayEquals(
        btf.lineInfo(ByteOrder.LITTLE_ENDIAN),
        ProgramBtf.of(code, "p").lineInfo(ByteOrder.LITTLE_ENDIAN));
  }

  private static void body(BpfBuilder b, List<Integer> insns) {
    for (int insn : insns) {
      switch (insn) {
        case 0 -> b.lddw(R1, 1L);
        case 1 -> b.mov(R1, 1);
        case 2 -> b.sourceLine(new SourceLine("a.s", 1));
        default -> b.sourceLine(new SourceLine("a.s", 2, 1, "text"));
      }
    }
    b.returning(0);
  }

  private static Set<Integer> firstSlots(BpfCode code) {
    int[] slot = new int[1];
    return IntStream.range(0, code.insns().size())
        .map(
            i -> {
              int first = slot[0];
              slot[0] += code.insns().get(i).slots();
              return first;
            })
        .boxed()
        .collect(Collectors.toSet());
  }
}
