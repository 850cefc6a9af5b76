package io.github.purebpf.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.SourceLine;
import io.github.purebpf.uapi.MapFlags;
import io.github.purebpf.uapi.MapType;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TextProgramTest {
  private static TextProgram parse(String text, Dialect dialect) {
    return AsmText.parseProgram(text, "t.bpf", dialect);
  }

  @ParameterizedTest
  @EnumSource(Dialect.class)
  void directivesDeclareWhatTheCodeDoesNotHold(Dialect dialect) {
    var program =
        parse(
            """
            .section cgroup/connect4
            .license "Dual MIT/GPL"
            .map services hash 4 8 65536
            .map counters, percpu_array, 4, 8, 2*8, mmapable|0x8
            sock4_connect:
              r0 = 1
              exit
            """,
            dialect);
    assertEquals(Optional.of("sock4_connect"), program.name());
    assertEquals(Optional.of("cgroup/connect4"), program.section());
    assertEquals(Optional.of("Dual MIT/GPL"), program.license());
    assertEquals(
        List.of(new MapRef("services"), new MapRef("counters")),
        List.copyOf(program.maps().keySet()));
    assertEquals(
        new MapShape(MapType.HASH, 4, 8, 65_536, 0), program.maps().get(new MapRef("services")));
    assertEquals(
        new MapShape(MapType.PERCPU_ARRAY, 4, 8, 16, MapFlags.MMAPABLE | MapFlags.RDONLY),
        program.maps().get(new MapRef("counters")));
    assertEquals(2, program.code().insns().size());
  }

  @Test
  void aTextNeedNotDeclareAnything() {
    var program = parse("exit", Dialect.KERNEL);
    assertEquals(Optional.empty(), program.name());
    assertEquals(Optional.empty(), program.section());
    assertEquals(Optional.empty(), program.license());
    assertTrue(program.maps().isEmpty());
  }

  @Test
  void whatClangPrintsSaysTheSame() {
    var program =
        parse(
            """
            \t.text
            \t.section\t"xdp.frags","ax",@progbits
            \t.globl\tpass                    # -- Begin function pass
            \t.type\tpass,@function
            .Lfunc_begin0:
            pass:
            \tr0 = 2
            \texit
            \t.section\tlicense,"aw",@progbits
            _license:
            \t.asciz\t"GPL"
            """,
            Dialect.LLVM);
    assertEquals(Optional.of("pass"), program.name());
    assertEquals(Optional.of("xdp.frags"), program.section());
    assertEquals(Optional.of("GPL"), program.license());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        ".map | expected a map's name, found the end of the line",
        ".map a_map_with_a_long_name hash 4 4 1 | map name \"a_map_with_a_long_name\": the kernel takes 1 to 15 of A-Z a-z 0-9 _ and .",
        ".map m hash 4 4 | expected the number of entries, found the end of the line",
        ".map m hash -1 4 4 | -1 is outside 0 to 2147483647",
        ".map m hash 4 4 4294967296 | 4294967296 is outside 0 to 2147483647",
        ".map m hash 4 4 4 no_prealloc mmapable | expected the end of the line, found \"mmapable\"",
        ".license | expected the license, in quotes if it has blanks, found the end of the line",
      })
  void refusesDirectivesThatSayTooLittle(String text, String problem) {
    var e = assertThrows(TextException.class, () -> parse(text, Dialect.KERNEL));
    assertEquals(problem, e.first().problem());
  }

  @Test
  void namesTheWordsThereAre() {
    var type = assertThrows(TextException.class, () -> parse(".map m hsh 4 4 1", Dialect.KERNEL));
    assertTrue(
        type.first().problem().startsWith("\"hsh\" is no map type; there are arena, array, "),
        type.getMessage());
    assertEquals(8, type.first().column());
    var flag = assertThrows(TextException.class, () -> parse(".map m hash 4 4 1 x", Dialect.LLVM));
    assertTrue(
        flag.first().problem().startsWith("\"x\" is no flag of a map; there are numbers and clone"),
        flag.getMessage());
  }

  @Test
  void aMapIsDefinedOnce() {
    var e =
        assertThrows(
            TextException.class,
            () -> parse(".map m hash 4 4 1\n.map m hash 4 4 1", Dialect.KERNEL));
    assertEquals("t.bpf:2:6: map \"m\" is defined already", e.first().toString());
  }

  @Test
  void instructionsKnowTheirLineAndColumn() {
    var code = parse("\n  a: r0 = 1 ; one\r\n\texit\r\n", Dialect.KERNEL).code();
    assertEquals(
        List.of(
            Optional.of(new SourceLine("t.bpf", 2, 6, "  a: r0 = 1 ; one")),
            Optional.of(new SourceLine("t.bpf", 3, 2, "\texit"))),
        code.sourceLines());
  }

  @Test
  void aLineOfManyInstructionsIsKeptOnce() {
    var code = parse("r0 = 1;".repeat(20_000) + "exit", Dialect.LLVM).code();
    var lines = code.sourceLines().stream().map(Optional::orElseThrow).toList();
    assertEquals(1000, lines.getFirst().text().length());
    lines.forEach(line -> assertSame(lines.getFirst().text(), line.text()));
  }
}
