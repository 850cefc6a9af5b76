package io.github.purebpf.tool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AssembleCommandTest {
  private static final String ONE = "r0 = 1\nexit\n";
  private static final String ONE_HEX = "b7000000010000009500000000000000";

  @TempDir Path folder;

  @Test
  void printsOneLineOfDigits() {
    Run.of(ONE, "assemble").succeeds(ONE_HEX + "\n");
    Run.of(ONE, "assemble", "--format", "hex", "-").succeeds(ONE_HEX + "\n");
    Run.of(ONE, "assemble", "--endian=big").succeeds("b7000000000000019500000000000000\n");
    Run.of("", "assemble").succeeds("\n");
  }

  @Test
  void takesOtherLineEndsAndNoneAtTheEnd() {
    Run.of("r0 = 1\r\n\r\nexit", "assemble").succeeds(ONE_HEX + "\n");
    Run.of("r0 = 1\r\nexit\r\n---\r\nexit", "assemble", "--each")
        .succeeds(ONE_HEX + "\n9500000000000000\n");
  }

  @Test
  void readsBothDialects() {
    var text = "w1 = *(u32 *)(r10 - 8) # load\nr0 = 1; exit\n";
    Run.of(text, "assemble", "--dialect", "llvm").succeeds("61a1f8ff00000000" + ONE_HEX + "\n");
    Run.of("r0 = 1 ; exit\nexit", "assemble", "--dialect", "kernel").succeeds(ONE_HEX + "\n");
  }

  @Test
  void writesBytesAsTheyAre() {
    var run = Run.of("r0 = -2139062144\nexit", "assemble", "--format", "raw");
    assertArrayEquals(HexFormat.of().parseHex("b7000000808080809500000000000000"), run.bytes());
    assertEquals(Main.OK, run.status());
  }

  @Test
  void writesAnArrayInC() {
    var text =
        """
        sock-4: r1 = map[fd:3][0]+8
        w2 = -2147483648
        exit
        """
            .replace("sock-4", "sock4");
    Run.of(text, "assemble", "--format", "c")
        .succeeds(
            """
            static const struct bpf_insn sock4[] = {
            \t{ .code = 0x18, .dst_reg = 1, .src_reg = 2, .off = 0, .imm = 3 }, /* 0: r1 = map[fd:3][0]+8 */
            \t{ .code = 0x00, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 8 },
            \t{ .code = 0xb4, .dst_reg = 2, .src_reg = 0, .off = 0, .imm = -2147483647 - 1 }, /* 2: w2 = -2147483648 */
            \t{ .code = 0x95, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0 }, /* 3: exit */
            };
            """);
    var big = Run.of(text, "assemble", "--format", "c", "--endian", "big").out();
    assertEquals(Run.of(text, "assemble", "--format", "c").out(), big);
  }

  @Test
  void readsFilesInTheirOrder() throws IOException {
    var one = Files.writeString(folder.resolve("one"), ONE).toString();
    var two = Files.writeString(folder.resolve("two"), "exit").toString();
    Run.of("r0 = 1\nexit", "assemble", two, "-", "--", one)
        .succeeds("9500000000000000\n" + ONE_HEX + "\n" + ONE_HEX + "\n");
  }

  @Test
  void showsEveryErrorWithItsLineAndGoesOnWithTheNextFile() throws IOException {
    var good = Files.writeString(folder.resolve("good"), "exit").toString();
    Run.of("r0 = 1\n  r1 = r11\n\tcall 5 6\n", "assemble", "-", good)
        .finds(
            "9500000000000000\n",
            """
            stdin:2:8: "r11" is no register; there are r0 to r10
                r1 = r11
                     ^~~
            stdin:3:9: expected the end of the line, found "6"
              \tcall 5 6
              \t       ^
            """);
  }

  @Test
  void answersEachProgramWithALine() {
    Run.of(
            """
            r0 = 1
            exit
            ---
            exit

            r1 = r11 ; wrong
            ---
            ---
            r1 = map[m]
            goto nowhere
            ---
            exit
            """,
            "assemble",
            "--each")
        .finds(
            """
            b7000000010000009500000000000000
            error: 3:6: "r11" is no register; there are r0 to r10

            error: 2:6: label "nowhere" is not defined
            9500000000000000
            """,
            "");
  }

  @Test
  void aSeparatorBehindTheLastProgramBeginsNoOther() {
    Run.of("", "assemble", "--each").succeeds("");
    Run.of("exit\n---\n", "assemble", "--each").succeeds("9500000000000000\n");
    Run.of("---\n", "assemble", "--each").succeeds("\n");
    Run.of("exit\n--- \n\n", "assemble", "--each").succeeds("9500000000000000\n\n");
  }

  @Test
  void countsTheErrorsItDoesNotShow() {
    Run.of("r11 = 1\nr12 = 1\nr13 = 1", "assemble", "--each")
        .finds("error: 1:1: \"r11\" is no register; there are r0 to r10 (and 2 more)\n", "");
  }

  @Test
  void aNameThatOnlyAnObjectCanHoldIsAnErrorWithItsPlace() {
    Run.of("exit\n  r1 = services ll\n", "assemble", "--each")
        .finds(
            "error: 2:3: map services is a name, and only a number fits the code: write map[fd:N],"
                + " or ask for an object with --format elf\n",
            "");
    Run.of("r1 = map[services][0]+4", "assemble", "--each")
        .finds(
            "error: 1:1: map services is a name, and only a number fits the code: write"
                + " map[fd:N][0], or ask for an object with --format elf\n",
            "");
    Run.of("call bpf_rcu_read_lock", "assemble", "--each")
        .finds(
            "error: 1:1: kfunc bpf_rcu_read_lock is a name, and only its BTF id fits the code: call"
                + " kfunc[ID]\n",
            "");
  }

  @Test
  void bytesThatAreNoTextAreAnErrorWhereTheyStand() {
    Run.of(new byte[] {'e', 'x', 'i', 't', '\n', ' ', (byte) 0xff, '\n'}, "assemble", "--each")
        .finds("error: 2:2: no instruction has the character U+FFFD\n", "");
  }
}
