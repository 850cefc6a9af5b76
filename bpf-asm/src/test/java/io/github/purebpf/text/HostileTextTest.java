package io.github.purebpf.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Whatever it is given, the parser gives a program or errors with places. */
class HostileTextTest {
  @Property
  void anyCharacters(@ForAll String text, @ForAll Dialect dialect) {
    survives(text, dialect);
  }

  @Property
  void anyTokens(@ForAll("tokens") String text, @ForAll Dialect dialect) {
    survives(text, dialect);
  }

  @Property(tries = 3000)
  void mutatedPrograms(@ForAll("mutated") String text, @ForAll Dialect dialect) {
    survives(text, dialect);
  }

  /** Sizes at which anything but linear work would not come to an end. */
  @Test
  void longTextsOfOneKind() {
    var parts =
        List.of(
            "r0 = 0\n",
            "a",
            "0",
            "9",
            "(",
            "*",
            "- ",
            "1*",
            "1+",
            "/*",
            "*/",
            "\"",
            "'",
            "\\",
            ";",
            "#",
            ":",
            "l:",
            "l",
            "r1 = *(",
            "goto a\n",
            "call f\n",
            "r1 = m ll\n",
            "\n",
            " ",
            "\t",
            "1: ",
            "1f ",
            "goto 1f\n1:\n",
            "0: (b7) r0 = 0\n",
            "0: R1=",
            "from 1 to 2",
            "x (",
            "a ",
            "int f(",
            "int f():",
            "): ",
            ".",
            ".section a\n",
            ".comm a\n",
            ".type a,@function\n",
            ",",
            "[",
            "if ",
            "s>",
            "=",
            "\u0000",
            "\ud800",
            ".ident \"\\");
    for (var dialect : Dialect.values()) {
      for (var part : parts) {
        survives(part.repeat(100_000 / part.length()), dialect);
      }
      survives(many(i -> "l" + i + ": goto l" + (i / 2)), dialect);
      survives(many(i -> "f" + i + ": call f" + (i / 2)), dialect);
      survives(many(i -> "r1 = m" + i + " ll"), dialect);
      survives(many(i -> "call k" + i + "\nr1 = " + i), dialect);
      survives(many(i -> ".section s" + i + ",\"ax\"\n exit"), dialect);
    }
  }

  @Test
  void nothingIsNull() {
    assertThrows(NullPointerException.class, () -> AsmText.parse(null, "", Dialect.LLVM));
    assertThrows(NullPointerException.class, () -> AsmText.parse("", null, Dialect.LLVM));
    assertThrows(NullPointerException.class, () -> AsmText.parse("", "", null));
  }

  private static String many(IntFunction<String> line) {
    return IntStream.range(0, 10_000).mapToObj(line).collect(Collectors.joining("\n"));
  }

  private static void survives(String text, Dialect dialect) {
    try {
      var code = AsmText.parse(text, "hostile", dialect);
      var printed = AsmText.print(code, dialect);
      assertEquals(code, AsmText.parse(printed, "printed", dialect), printed);
    } catch (TextException e) {
      assertFalse(e.errors().isEmpty());
      var lines = text.split("\n", -1);
      for (var error : e.errors()) {
        assertTrue(error.line() <= lines.length, error.toString());
        var line = lines[error.line() - 1];
        var shown = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
        assertEquals(shown, error.text());
        assertTrue(error.column() - 1 <= shown.length(), error.toString());
        assertTrue(
            error.length() == 1 || error.column() - 1 + error.length() <= shown.length(),
            error.toString());
        assertFalse(error.problem().isBlank());
        assertTrue(error.describe().length() < 2000, error.describe());
      }
    }
  }

  @Provide
  Arbitrary<String> tokens() {
    return Arbitraries.of(
            "r0",
            "r1",
            "r10",
            "r11",
            "w1",
            "w10",
            "=",
            "+=",
            "s>>=",
            "s>",
            "-",
            "+",
            "*",
            "(",
            ")",
            "[",
            "]",
            ",",
            ":",
            ";",
            "#",
            "\n",
            "\n",
            "u32",
            "s8",
            "u64",
            "if",
            "goto",
            "gotol",
            "may_goto",
            "goto_or_nop",
            "call",
            "callx",
            "exit",
            "lock",
            "ll",
            "pc",
            "skb",
            "map",
            "btf",
            "subprog",
            "kfunc",
            "kernel",
            "function",
            "unknown",
            "fd",
            "idx",
            "id",
            "0",
            "1",
            "5",
            "1f",
            "1b",
            "0xffffffff",
            "18446744073709551615",
            "'a'",
            "\"s\"",
            "be16",
            "addr_space_cast",
            "load_acquire",
            "store_release",
            "atomic_fetch_add",
            "xchg_64",
            "cmpxchg32_32",
            "ld_pseudo",
            ".slot",
            ".text",
            ".section",
            ".type",
            "@",
            "a",
            "b",
            "==",
            "main",
            "bpf_loop",
            ".data",
            "0: (b7)",
            "/*",
            "*/",
            "//")
        .list()
        .ofMaxSize(40)
        .map(list -> String.join(" ", list));
  }

  /** Texts of real forms with parts cut out, doubled, exchanged or replaced. */
  @Provide
  Arbitrary<String> mutated() {
    var lines =
        Arbitraries.of(Forms.all())
            .flatMap(form -> Arbitraries.of(form.kernel(), form.llvm()))
            .list()
            .ofMinSize(1)
            .ofMaxSize(8)
            .map(list -> String.join("\n", list) + "\nl: exit\n");
    var piece = Arbitraries.strings().ascii().ofMaxLength(3);
    return Combinators.combine(
            lines, Arbitraries.doubles().between(0, 1), Arbitraries.integers().between(0, 4), piece)
        .as(
            (text, place, cut, insert) -> {
              int at = (int) (place * (text.length() - 1));
              int end = Math.min(text.length(), at + cut);
              return text.substring(0, at) + insert + text.substring(end);
            });
  }
}
