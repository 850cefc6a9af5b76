package io.github.purebpf.elf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.text.Oracle;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What LLVM 22 reads in our objects. */
class ObjectOracleTest {
  private static final Pattern INSN = Pattern.compile(" +\\d+:\t(.*)");

  @TempDir Path folder;

  private String write(boolean little) throws IOException {
    var order = little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    Files.write(folder.resolve("x.o"), ObjectFixtures.several().toElf(order));
    return "x.o";
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void objdumpShowsTheInstructionsAndWhatTheyReferTo(boolean little) throws Exception {
    var objdump = Oracle.find("llvm-objdump-22");
    var out =
        objdump.run(
            folder,
            "",
            "-dr",
            "--no-show-raw-insn",
            "--no-print-imm-hex",
            "--section=cgroup/connect4",
            write(little));
    assertEquals(
        List.of(
            "<sock4_connect>:",
            "r6 = r1",
            "w2 = *(u32 *)(r1 + 4)",
            "*(u32 *)(r10 - 4) = w2",
            "r2 = r10",
            "r2 += -4",
            "r1 = 0 ll",
            "R_BPF_64_64 services",
            "call 1",
            "if r0 == 0 goto +2 <sock4_connect+0x58>",
            "w1 = *(u32 *)(r0 + 0)",
            "*(u32 *)(r6 + 4) = w1",
            "call -1",
            "R_BPF_64_32 verdict",
            "exit",
            "<loop_connect>:",
            "r1 = 10",
            "r2 = 16 ll",
            "R_BPF_64_64 .text",
            "r3 = 0",
            "r4 = 0",
            "call 181",
            "call -1",
            "R_BPF_64_32 one",
            "exit"),
        listing(out));
  }

  private static List<String> listing(String out) {
    var lines = new ArrayList<String>();
    for (var line : out.lines().toList()) {
      var insn = INSN.matcher(line);
      if (insn.matches()) {
        lines.add(insn.group(1).strip());
      } else if (line.contains("R_BPF_")) {
        lines.add(line.substring(line.indexOf("R_BPF_")).replaceAll("\\s+", " "));
      } else if (line.endsWith(">:")) {
        lines.add(line.substring(line.indexOf('<')));
      }
    }
    return lines;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void readelfHasNothingToComplainAbout(boolean little) throws Exception {
    var readelf = Oracle.find("llvm-readelf-22");
    // It writes its complaints to the standard error, which must be empty.
    var out = readelf.run(folder, "", "--all", "--wide", write(little));
    assertTrue(out.contains("EM_BPF"), out);
    assertTrue(out.contains(little ? "little endian" : "big endian"), out);
    assertTrue(
        out.matches("(?s).*Relocation section '.relcgroup/connect4' at .* 4 entries.*"), out);
    assertTrue(out.matches("(?s).*FUNC +GLOBAL +DEFAULT +1 sock4_connect\n.*"), out);
    assertTrue(out.matches("(?s).*OBJECT +GLOBAL +DEFAULT +5 services\n.*"), out);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void objdumpShowsTheSourceLinesOfTheBtf(boolean little) throws Exception {
    var objdump = Oracle.find("llvm-objdump-22");
    var out = objdump.run(folder, "", "-dl", "-S", "--section=xdp", write(little));
    assertTrue(out.contains("; loop_xdp.bpf:1"), out);
    assertTrue(out.contains("; r1 = 10"), out);
  }
}
