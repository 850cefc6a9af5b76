package io.github.purebpf.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DisassembleCommandTest {
  private static final String JUMP = "16010100050000009500000000000000b700000001000000";

  @Test
  void printsEitherDialect() {
    Run.of(JUMP, "disassemble").succeeds("\tif w1 == 0x5 goto L2\n\texit\nL2:\n\tr0 = 1\n");
    Run.of(JUMP, "disassemble", "--dialect=llvm")
        .succeeds("\tif w1 == 5 goto L2\n\texit\nL2:\n\tr0 = 1\n");
    Run.of("b7000000000000019500000000000000", "disassemble", "--endian", "big")
        .succeeds("\tr0 = 1\n\texit\n");
    Run.of("", "disassemble").succeeds("");
  }

  @Test
  void readsBytes() {
    var bytes = HexFormat.of().parseHex("b7000000808080809500000000000000");
    Run.of(bytes, "disassemble", "--format", "raw").succeeds("\tr0 = -2139062144\n\texit\n");
    Run.of(new byte[9], "disassemble", "--format", "raw")
        .finds("", "stdin:1:1: 9 bytes of code are not a multiple of 8\n");
  }

  @ParameterizedTest
  @CsvSource({
    "'95 00 00 00 00 00 00 00'",
    "'0x95, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,'",
    "'95000000\r\n00000000\r\n'",
    "'0X9500000000000000\n'",
    "'\t9500 00000000 0000'",
  })
  void toleratesWhatOtherToolsPutBetweenDigits(String hex) {
    Run.of(hex, "disassemble").succeeds("\texit\n");
  }

  @Test
  void takesCapitalDigits() {
    Run.of("B7000000AbCdEf0F", "disassemble").succeeds("\tr0 = 267373995\n");
  }

  @Test
  void refusesDigitsThatMakeNoInstructionWhereTheyEnd() {
    Run.of("95000000\n0000000\n", "disassemble")
        .finds(
            "",
            """
            stdin:2:7: expected a second digit: a byte has two
              0000000
                    ^
            """);
    Run.of("95 00 00\n", "disassemble", "--each")
        .finds("error: 1:9: 3 bytes; an instruction has 8, and 5 are missing\n", "");
    Run.of("9500000000000000 exit", "disassemble", "--each")
        .finds("error: 1:19: expected hexadecimal digits, found \"x\"\n", "");
    Run.of("0x", "disassemble", "--each")
        .finds("error: 1:3: expected a second digit: a byte has two\n", "");
    Run.of("\ud83d\ude00", "disassemble", "--each")
        .finds("error: 1:1: expected hexadecimal digits, found U+1F600\n", "");
  }

  @Test
  void readsALineAsAProgramUnlessThereAreSeparators() {
    var text = "\tr0 = 1\n\texit\n";
    Run.of("b7000000010000009500000000000000\n9500000000000000\n", "disassemble", "--each")
        .succeeds(text + "---\n\texit\n");
    Run.of("b700000001000000\n9500000000000000\n---\n9500000000000000", "disassemble", "--each")
        .succeeds(text + "---\n\texit\n");
    Run.of("9500000000000000\r\n---\r\n", "disassemble", "--each").succeeds("\texit\n");
    Run.of("", "disassemble", "--each").succeeds("");
  }

  @Test
  void anErrorStandsInThePlaceOfItsText() {
    Run.of("9500000000000000\n95\n\n9500000000000000\n", "disassemble", "--each")
        .finds(
            """
            \texit
            ---
            error: 1:3: 1 bytes; an instruction has 8, and 7 are missing
            ---
            ---
            \texit
            """,
            "");
  }

  @Provide
  Arbitrary<List<String>> programs() {
    var slot = Arbitraries.bytes().array(byte[].class).ofSize(8);
    var opcodes = Arbitraries.of(0x18, 0x85, 0x05, 0x06, 0x15, 0x61, 0xdb, 0xb7, 0x95, 0x00);
    var likely =
        slot.flatMap(
            bytes ->
                opcodes.map(
                    opcode -> {
                      bytes[0] = opcode.byteValue();
                      return bytes;
                    }));
    return Arbitraries.oneOf(slot, likely)
        .map(bytes -> HexFormat.of().formatHex(bytes))
        .list()
        .ofMinSize(1)
        .ofMaxSize(20)
        .map(slots -> String.join("", slots))
        .list()
        .ofMaxSize(5);
  }

  @Property(tries = 300)
  void whatItPrintsIsAssembledToTheSameBytes(
      @ForAll("programs") List<String> programs, @ForAll boolean kernel, @ForAll boolean little) {
    var dialect = kernel ? "kernel" : "llvm";
    var endian = little ? "little" : "big";
    var input = String.join("\n", programs) + (programs.isEmpty() ? "" : "\n");
    var texts = Run.of(input, "disassemble", "--each", "--dialect", dialect, "--endian", endian);
    assertEquals("", texts.err());
    var again =
        Run.of(texts.bytes(), "assemble", "--each", "--dialect", dialect, "--endian", endian);
    again.succeeds(input);
  }
}
