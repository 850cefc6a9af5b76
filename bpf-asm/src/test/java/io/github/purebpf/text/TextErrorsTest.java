package io.github.purebpf.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TextErrorsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // registers
        "r11 = 1 | 1 | 3 | \"r11\" is no register; there are r0 to r10",
        "r1 = W12 | 6 | 3 | \"W12\" is no register; there are w0 to w10",
        "r01 = 1 | 1 | 3 | \"r01\" is no register; there are r0 to r10",
        "r1 += w2 | 7 | 2 | expected r2: this instruction works on 64 bits",
        "w1 = r2 | 6 | 2 | expected w2: this instruction works on 32 bits",
        "if r1 > w2 goto +1 | 9 | 2 | expected r2: this instruction works on 64 bits",
        "w1 = *(u64 *)(r2) | 1 | 2 | expected r1: this instruction works on 64 bits",
        "w1 = *(s8 *)(r2) | 1 | 2 | expected r1: this instruction works on 64 bits",
        "r1 = *(u8 *)(w2) | 14 | 2 | expected r2: this instruction works on 64 bits",
        "r1 = -r2 | 7 | 2 | expected r1: it is both operands",
        "r1 = be16 r2 | 11 | 2 | expected r1: it is both operands",
        "r1 = xchg_64(r2 + 0, r3) | 22 | 2 | expected r1: the old value goes where this one was",
        "r1 = *(u8 *)skb[4] | 1 | 2 | expected r0: packet loads write no other register",
        "r10 = 1 | 1 | 7 | = cannot write r10: the frame pointer is read-only",
        // numbers
        "r0 = 0xffffffff | 6 | 10 | 4294967295 is outside -2147483648 to 2147483647; 64-bit"
            + " instructions sign-extend 32 bits; write \"r0 = 0xffffffff ll\"",
        "r0 += 2147483648 | 7 | 10 | 2147483648 is outside -2147483648 to 2147483647; 64-bit"
            + " instructions sign-extend 32 bits; put it into a register with"
            + " \"rN = 0x80000000 ll\"",
        "w0 = 4294967296 | 6 | 10 | 4294967296 is outside -2147483648 to 4294967295",
        "w0 = -2147483649 | 6 | 11 | -2147483649 is outside -2147483648 to 4294967295",
        "r0 = 18446744073709551616 ll | 6 | 20 | 18446744073709551616 has more than 64 bits",
        "r0 = -9223372036854775809 ll | 6 | 20 | -9223372036854775809 is outside"
            + " -9223372036854775808 to 18446744073709551615",
        "r0 = 0xffffffffffffffff * 2 ll | 6 | 22 | the result has more than 64 bits",
        "r0 = 12x | 6 | 3 | \"12x\" is no number",
        "r0 = 0x | 6 | 2 | \"0x\" is no number",
        "r1 = *(u8 *)(r2 + 32768) | 17 | 7 | 32768 is outside -32768 to 32767; add it to the"
            + " register instead",
        "goto +32768 | 6 | 6 | 32768 is outside -32768 to 32767; a label is reached however far it"
            + " is, by gotol",
        "gotol +2147483648 | 7 | 11 | 2147483648 is outside -2147483648 to 2147483647",
        "*(u8 *)(r1 + 0) = 256 | 1 | 21 | 256 does not fit a store of 1 bytes",
        "*(u8 *)(r1 + 0) = 4294967295 | 19 | 10 | 4294967295 is outside -2147483648 to 2147483647",
        "r1 <<= 64 | 1 | 9 | shift by 64 is outside 0 to 63",
        "w1 s>>= 32 | 1 | 10 | shift by 32 is outside 0 to 31",
        "r1 /= 0 | 1 | 7 | division by the constant zero",
        "r1 s%= 0 | 1 | 8 | division by the constant zero",
        "call 4294967296 | 6 | 10 | 4294967296 is outside -2147483648 to 2147483647",
        "r1 = addr_space_cast(r2, 0, 2) | 1 | 30 | addr_space_cast to 0 from 2",
        ".slot 256, 0, 0, 0, 0 | 7 | 3 | 256 is outside 0 to 255",
        "ld_pseudo r1, 7, 0 | 15 | 1 | 7 is outside 0 to 6",
        "ld_pseudo r1, 1, 5, 6 | 15 | 7 | kind 1 has no second number",
        // grammar
        "r1 | 3 | 1 | expected an operator such as = or +=, found the end of the line",
        "r1 == 5 | 4 | 2 | expected an operator such as = or +=, found \"==\"",
        "r1 = | 5 | 1 | expected a register, a number, memory or an operation, found the end",
        "r1 = 5 6 | 8 | 1 | expected the end of the line, found \"6\"",
        "r1 = r1 + r2 | 9 | 1 | expected the end of the line, found \"+\"",
        "r1 = *(u33 *)(r2) | 8 | 3 | expected u8, u16, u32, u64, s8, s16 or s32, found \"u33\"",
        "r1 = *(s64 *)(r2) | 8 | 3 | expected u8, u16, u32, u64, s8, s16 or s32, found \"s64\"",
        "*(s8 *)(r2) = 1 | 3 | 2 | expected u8, u16, u32 or u64: only loads sign-extend",
        "r1 = atomic64_xchg((u32 *)(r2), r1) | 21 | 3 | expected u64",
        "lock *(u8 *)(r2) += r1 | 1 | 22 | atomic ADD of 1 bytes; there are 4 and 8",
        "r1 = services | 6 | 8 | expected a register, a number, memory or an operation, found"
            + " \"services\"; the address of a map is \"r1 = NAME ll\"",
        "nop | 1 | 3 | expected an instruction, found \"nop\"",
        "5 = r1 | 1 | 1 | expected an instruction, found \"5\"",
        "if r1 = 5 goto +1 | 7 | 1 | expected a comparison such as == or s>, found \"=\"",
        "if r1 > r2 +1 | 12 | 1 | expected \"goto\"",
        "r1 = ~5 | 6 | 1 | no instruction has the character '~'",
        "r1 = \u00e9 | 6 | 1 | no instruction has the character U+00E9",
        "r1 = 'ab' | 6 | 1 | a character is expected between two of '",
        ".ident \"x | 8 | 2 | this string has no end in its line",
        "exit /* | 6 | 2 | this comment has no end",
        ".frob 1 | 1 | 5 | unknown directive \".frob\"",
        ".byte 1 | 1 | 5 | data in a section of code",
        // names
        "goto nowhere | 6 | 7 | label \"nowhere\" is not defined",
        "r1 = subprog[nowhere] | 14 | 7 | function \"nowhere\" is not defined",
        "r1 = a_name_beyond_16 ll | 6 | 16 | map name \"a_name_beyond_16\"",
        "call a.b | 6 | 3 | kfunc name \"a.b\" is no C identifier",
        "r1: exit | 1 | 2 | \"r1\" has a meaning already and is no label",
        "r1 = map[nr:5] | 10 | 2 | expected fd, idx or id",
        "r1 = map[5][1] | 13 | 1 | 1 is outside 0 to 0",
      })
  void areFoundWhereTheyAre(String text, int column, int length, String problem) {
    var error = errors(text, Dialect.LLVM).getFirst();
    assertTrue(error.problem().startsWith(problem), error.toString());
    assertEquals(column, error.column(), error.describe());
    assertEquals(length, error.length(), error.describe());
    assertEquals(1, error.line());
  }

  @Test
  void helpersAndTheirNumbersMustAgree() {
    var error = errors("call bpf_map_lookup_elem#2", Dialect.KERNEL).getFirst();
    assertEquals("text:1:6: bpf_map_lookup_elem is helper 1, not 2", error.toString());
    assertEquals(21, error.length());
  }

  @Test
  void aLeadingZeroIsRefusedInTheKernelsDialect() {
    var error = errors("r1 = 010", Dialect.KERNEL).getFirst();
    assertEquals(
        "text:1:6: a number with a leading zero; write 0x for hexadecimal", error.toString());
  }

  @ParameterizedTest
  @EnumSource
  void allAreReportedInTheOrderOfTheText(Dialect dialect) {
    var errors = errors("r11 = 1\nexit\n\tr1 = 5 5\nr12 = 1", dialect);
    assertEquals(
        List.of("1:1", "3:9", "4:1"),
        errors.stream().map(error -> error.line() + ":" + error.column()).toList());
  }

  @Test
  void allOfLinkingAreReported() {
    var errors =
        errors(
            "goto a\nexit\nf: exit\nx: exit\ncall f\ngoto x\ngoto b\nr1 = data ll\n.data\ndata:",
            Dialect.LLVM);
    assertEquals(
        List.of(
            "text:1:6: label \"a\" is not defined",
            "text:7:6: label \"b\" is not defined",
            "text:8:6: \"data\" is data in .data, which is not assembled; data is in a map: write"
                + " map[NAME][0]+OFFSET"),
        errors.stream().map(TextError::toString).toList());
  }

  @Test
  void aJumpStaysInItsFunction() {
    var error = errors("call f\ngoto inner\nexit\nf: r0 = 0\ninner: exit", Dialect.LLVM).getFirst();
    assertEquals(
        "text:2:6: label \"inner\" is in another function; a jump stays in its own",
        error.toString());
  }

  @Test
  void aLabelIsDefinedOnce() {
    var error = errors("a: exit\nb: exit\n  a: exit", Dialect.KERNEL).getFirst();
    assertEquals("text:3:3: label \"a\" is defined already, in line 1", error.toString());
  }

  @Test
  void mainComesFirst() {
    var error = errors("call main\nexit\nmain: exit", Dialect.LLVM).getFirst();
    assertEquals(
        "text:3:1: main is the name of the program's entry, which comes first", error.toString());
  }

  @Test
  void aTextHoldsOneProgram() {
    var error =
        errors(".section a,\"ax\"\nexit\n.section b,\"ax\"\n exit\n", Dialect.LLVM).getFirst();
    assertTrue(error.toString().startsWith("text:4:2: a second section with a program"));
  }

  @Test
  void instructionsBelongIntoSectionsOfCode() {
    var error = errors(".section .xdp\nexit", Dialect.LLVM).getFirst();
    assertEquals(
        "text:2:1: an instruction in section .xdp, which holds data; a section of code has the"
            + " flags \"ax\"",
        error.toString());
  }

  @Test
  void theMessageShowsTheLineAndThePlace() {
    var e = assertThrows(TextException.class, () -> parse("exit\n\tr1 = r11\nfoo", Dialect.LLVM));
    assertEquals(
        """
        text:2:7: "r11" is no register; there are r0 to r10
          \tr1 = r11
          \t     ^~~
        (and 1 more)""",
        e.getMessage());
    assertEquals(e.first(), e.errors().getFirst());
  }

  @Test
  void aLongLineIsShownInPart() {
    var error = errors("/*" + "x".repeat(5000) + "*/ r11 = 1", Dialect.LLVM).getFirst();
    assertEquals(5006, error.column());
    assertTrue(error.describe().length() < 500);
    assertTrue(error.describe().endsWith(" ^~~"));
  }

  @Test
  void thereIsAnEndToThem() {
    assertEquals(100, errors("r11 = 1\n".repeat(100_000), Dialect.LLVM).size());
  }

  private static List<TextError> errors(String text, Dialect dialect) {
    return assertThrows(TextException.class, () -> parse(text, dialect)).errors();
  }

  private static void parse(String text, Dialect dialect) {
    var _ = AsmText.parse(text, "text", dialect);
  }
}
