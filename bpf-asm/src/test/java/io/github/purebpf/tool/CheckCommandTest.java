package io.github.purebpf.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckCommandTest {
  private static final String CONNECT4 = "cgroup_sock_addr/connect4";

  @TempDir Path folder;

  @Test
  void saysOkWhereThereIsNothingToSay() throws IOException {
    Run.of("r0 = 1\nexit", "check").succeeds("ok\n");
    Run.of("r0 = 1\nexit", "check", "--type", CONNECT4).succeeds("ok\n");
    Run.of("b7000000010000009500000000000000", "check", "--format", "hex").succeeds("ok\n");
    var file = Files.writeString(folder.resolve("a"), "r0 = 1\nexit").toString();
    Run.of("r0 = 1\nexit", "check", file, "-").succeeds(file + ": ok\nstdin: ok\n");
  }

  @Test
  void showsTheLineOfAFinding() {
    var run = Run.of("\n  goto nowhere_near\nnowhere_near:\n  r0 = r10\n", "check");
    assertEquals(Main.ERRORS, run.status());
    var lines = run.out().lines().toList();
    assertTrue(lines.getFirst().startsWith("stdin:4:3: error at 1: "), run.out());
    assertTrue(lines.getFirst().endsWith(" [fall-through]"), run.out());
    assertEquals("    r0 = r10", lines.get(1));
    assertEquals("    ^", lines.get(2));
    assertEquals("", run.err());
  }

  @Test
  void showsTheInstructionWhereThereIsNoText() {
    var run = Run.of("b700000005000000 bf20000000000000 9500000000000000", "check", "--format=hex");
    assertEquals(Main.ERRORS, run.status());
    var lines = run.out().lines().toList();
    assertTrue(lines.getFirst().startsWith("stdin: error at 1: r2 "), run.out());
    assertTrue(lines.getFirst().endsWith(" [uninitialised-register]"), run.out());
    assertEquals("  r0 = r2", lines.get(1));
  }

  @Test
  void readsBytesOfEitherOrder() {
    var big = Run.of("r0 = 1\nexit", "assemble", "--format", "raw", "--endian", "big").bytes();
    Run.of(big, "check", "--format", "raw", "--endian", "big").succeeds("ok\n");
    assertEquals(Main.ERRORS, Run.of(new byte[7], "check", "--format", "raw").status());
  }

  @Test
  void answersEachProgramWithALine() {
    var run =
        Run.of(
            """
            r0 = 1
            exit
            ---
            r0 = 1
            ---
            r0 = r11
            ---
            r0 = 2
            exit
            """,
            "check",
            "--each",
            "--type",
            CONNECT4);
    var lines = run.out().lines().toList();
    assertEquals(4, lines.size(), run.out());
    assertEquals("ok", lines.get(0));
    assertTrue(lines.get(1).matches("error at 0 \\(line 1\\): .*; .* \\[fall-through]"), run.out());
    assertEquals("error: 1:6: \"r11\" is no register; there are r0 to r10", lines.get(2));
    assertTrue(lines.get(3).matches("error at 1 \\(line 2\\): .* \\[return-range]"), run.out());
    assertEquals(Main.ERRORS, run.status());
    assertEquals("", run.err());
  }

  @Test
  void answersEachLineOfDigits() {
    var run =
        Run.of(
            "b7000000010000009500000000000000\nb700000001000000\n95\n",
            "check",
            "--each",
            "--format",
            "hex");
    var lines = run.out().lines().toList();
    assertEquals("ok", lines.get(0));
    assertTrue(lines.get(1).matches("error at 0: .* \\[fall-through]"), run.out());
    assertEquals("error: 1:3: 1 bytes; an instruction has 8, and 7 are missing", lines.get(2));
    assertEquals(3, lines.size());
  }

  @Test
  void warningsAreNoErrorsUnlessTheyAreToBe() {
    var text = "r0 = *(u32 *)(r10 -4)\nr0 = 0\nexit";
    var run = Run.of(text, "check", "--each");
    assertTrue(
        run.out().matches("warning at 0 \\(line 1\\): .*\\[uninitialised-stack]\n"), run.out());
    assertEquals(Main.OK, run.status());
    assertEquals(Main.ERRORS, Run.of(text, "check", "--each", "--strict").status());
    assertEquals(Main.ERRORS, Run.of(text, "check", "--strict").status());
    Run.of(text, "check", "--strict", "--without", "uninitialised-stack").succeeds("ok\n");
  }

  @Test
  void knowsWhatTheTextDeclares() {
    var text =
        """
        .map m hash 4 8 16
        *(u32 *)(r10 -4) = 0
        r2 = r10
        r2 += -4
        r1 = map[m]
        call bpf_map_lookup_elem
        if r0 == 0 goto none
        r0 = *(u64 *)(r0 +8)
        none:
        r0 = 1
        exit
        """;
    var run = Run.of(text, "check", "--each");
    assertTrue(run.out().contains("[map-value-bounds]"), run.out());
    // An option knows better.
    Run.of(text, "check", "--each", "--map", "m=hash:4:16:16").succeeds("ok\n");
    var gpl = "call bpf_get_current_task_btf\nr0 = 0\nexit\n";
    Run.of(".license GPL\n" + gpl, "check", "--type", "kprobe").succeeds("ok\n");
    var other = Run.of(".license BSD\n" + gpl, "check", "--type", "kprobe", "--each");
    assertTrue(other.out().contains("[gpl-only-helper]"), other.out());
    Run.of(".license BSD\n" + gpl, "check", "--type=kprobe", "--license=Dual BSD/GPL")
        .succeeds("ok\n");
  }
}
