package io.github.purebpf.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @TempDir Path folder;

  @Test
  void withoutACommandItExplainsItselfToTheUser() {
    var run = Run.of("");
    assertEquals(Main.USAGE, run.status());
    assertEquals("", run.out());
    assertTrue(run.err().startsWith("Usage: bpf-asm COMMAND"), run.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "-h", "help"})
  void explainsItself(String word) {
    var run = Run.of("", word);
    assertEquals(Main.OK, run.status());
    assertEquals("", run.err());
    for (var command : Main.COMMANDS) {
      assertTrue(run.out().contains("\n  " + command.name() + " "), run.out());
    }
  }

  @Test
  void eachCommandExplainsAllItsOptions() {
    for (var command : Main.COMMANDS) {
      var run = Run.of("", command.name(), "--help");
      run.succeeds(run.out());
      for (var option : command.options()) {
        assertTrue(run.out().contains("\n  " + option.spelled()), option + run.out());
      }
      run.out().lines().forEach(line -> assertTrue(line.length() <= 80, line));
    }
  }

  @Test
  void itsManualKnowsAllOptions() throws IOException {
    var page = Files.readString(Path.of("..", "docs", "bpf-asm.md"));
    for (var option : Option.values()) {
      assertTrue(page.contains(option.word), option.word);
    }
  }

  @Test
  void tellsItsVersion() {
    var run = Run.of("", "--version");
    assertTrue(run.out().matches("bpf-asm.*, Java \\d+.*\n"), run.out());
    assertEquals(Main.OK, run.status());
  }

  @Test
  void refusesACommandThatIsNone() {
    Run.of("", "compile").refuses("bpf-asm: there is no command compile (see bpf-asm --help)");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '>',
      value = {
        "assemble --colour > there is no option --colour here",
        "disassemble --type xdp > there is no option --type here",
        "assemble --dialect > the value is missing: --dialect kernel|llvm",
        "assemble --dialect intel > --dialect intel: there are kernel, llvm",
        "assemble --endian=middle > --endian middle: there are little, big",
        "assemble --format text > --format text: there are hex, raw, elf, c",
        "disassemble --format elf > --format elf: there are hex, raw",
        "check --format elf > --format elf: there are text, hex, raw",
        "assemble --endian big --endian big > --endian is given twice",
        "assemble --each=yes > --each takes no value",
        "assemble --each --format c > --each answers with one line for a program; it goes with --format hex",
        "disassemble --each --format raw > --each reads digits; it goes with --format hex",
        "check --each --format raw > --each reads lines; it goes with text and hex",
        "assemble --format raw a b > --format raw holds one program; name one file",
        "assemble --section xdp > --section is for --format elf",
        "assemble --license GPL > --license is for --format elf",
        "assemble --map m=hash:4:4:1 > --map is for --format elf",
        "assemble no/such/file > there is no file no/such/file",
        "check --type xpd > --type xpd: there is no program type xpd; check --help lists them",
        "check --type xdp/in > --type xdp/in: there is no attach type in; check --help lists them",
        "check --without luck > --without luck: there is no such rule; findings end with theirs",
        "check --map m > --map m: write NAME=TYPE:KEY:VALUE:ENTRIES[:FLAG|...]",
        "check --map m=hash:4 > --map m=hash:4: expected the size of a value, found the end of the line",
      })
  void refusesACommandLineInOneLine(String line, String problem) {
    var words = line.split(" ", -1);
    Run.of("exit", words)
        .refuses("bpf-asm %s: %s (see bpf-asm %s --help)".formatted(words[0], problem, words[0]));
  }

  @Test
  void refusesWhatIsNoFile() {
    Run.of("", "check", folder.toString())
        .refuses(
            "bpf-asm check: %s is a directory; name a file, or - for the standard input (see bpf-asm check --help)"
                .formatted(folder));
    Run.of("", "check", "a\0b")
        .refuses("bpf-asm check: a\0b is no name of a file (see bpf-asm check --help)");
  }

  @Test
  void aMissingFileAmongManyIsFoundBeforeAnythingIsDone() throws IOException {
    var file = Files.writeString(folder.resolve("a"), "exit").toString();
    Run.of("", "assemble", file, "no-such-file")
        .refuses("bpf-asm assemble: there is no file no-such-file (see bpf-asm assemble --help)");
  }

  @Test
  void aReaderThatGoesIsNoError() {
    var err = new ByteArrayOutputStream();
    assertEquals(Main.READER_GONE, run(failing("Broken pipe"), err));
    assertEquals("", err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void anOutputThatIsFullIsAnErrorInOneLine() {
    var err = new ByteArrayOutputStream();
    assertEquals(Main.ERRORS, run(failing("No space left on device"), err));
    assertEquals(
        "bpf-asm: cannot write the output: No space left on device\n",
        err.toString(StandardCharsets.UTF_8));
  }

  private static int run(OutputStream out, OutputStream err) {
    var in =
        new ByteArrayInputStream("exit\n---\n".repeat(10_000).getBytes(StandardCharsets.UTF_8));
    return Main.run(List.of("assemble", "--each"), in, out, new PrintStream(err));
  }

  private static OutputStream failing(String message) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        throw new IOException(message);
      }
    };
  }

  @Test
  void anInputThatBreaksIsAnErrorInOneLine() {
    var in =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("Input/output error");
          }

          @Override
          public int read(byte[] bytes, int offset, int length) throws IOException {
            return read();
          }
        };
    var err = new ByteArrayOutputStream();
    int status =
        Main.run(List.of("check", "--each"), in, new ByteArrayOutputStream(), new PrintStream(err));
    assertEquals(
        "bpf-asm check: cannot read -: Input/output error (see bpf-asm check --help)\n",
        err.toString(StandardCharsets.UTF_8));
    assertEquals(Main.USAGE, status);
  }

  @Test
  void answersBeforeItWaitsForMore() throws IOException {
    var out = new ByteArrayOutputStream();
    var answered = new StringBuilder();
    var first = new ByteArrayInputStream("r0 = 1\nexit\n---\n".getBytes(StandardCharsets.UTF_8));
    var in =
        new InputStream() {
          @Override
          public int read() {
            int c = first.read();
            if (c < 0) {
              answered.append(out); // what has come by the time it asks for more
            }
            return c;
          }

          @Override
          public int read(byte[] bytes, int offset, int length) {
            int c = read();
            if (c < 0) {
              return -1;
            }
            bytes[offset] = (byte) c;
            return 1;
          }
        };
    assertEquals(Main.OK, Main.run(List.of("assemble", "--each"), in, out, new PrintStream(out)));
    assertTrue(
        answered.toString().startsWith("b7000000010000009500000000000000\n"), answered.toString());
  }
}
