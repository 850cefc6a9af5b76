package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** The logs are those of Linux 6.18, unless it says otherwise. */
class VerifierLogTest {
  private static final String STATISTICS =
      "processed 7 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0"
          + " mark_read 0\n";

  @Test
  void theReasonIsWhatStandsBehindTheTrace() {
    var log =
        new VerifierLog(
            """
            0: R1=ctx() R10=fp0
            0: (62) *(u32 *)(r10 -4) = 0          ; R10=fp0 fp-8=0000????
            5: (85) call bpf_map_lookup_elem#1    ; R0=map_value_or_null(id=1,map=m,ks=4,vs=4)
            7: (79) r1 = *(u64 *)(r0 +8)
            invalid access to map value, value_size=4 off=8 size=8
            R0 min value is outside of the allowed memory range
            """
                + STATISTICS);
    assertEquals(
        "invalid access to map value, value_size=4 off=8 size=8;"
            + " R0 min value is outside of the allowed memory range",
        log.reason());
    assertEquals(OptionalInt.of(7), log.slot());
    assertEquals(Optional.of("(79) r1 = *(u64 *)(r0 +8)"), log.insn());
  }

  @Test
  void theVerdictStandsAtTheEndOfHoweverLongATrace() {
    var trace = "1: (05) goto pc-1\n1: (05) goto pc-1                     ; R0=0\n".repeat(100_000);
    var log =
        new VerifierLog(trace + "BPF program is too large. Processed 1000001 insn\n" + STATISTICS);
    assertEquals("BPF program is too large. Processed 1000001 insn", log.reason());
    assertEquals(OptionalInt.of(1), log.slot());
  }

  @Test
  void theStateBehindAnInstructionIsCutOff() {
    var log = new VerifierLog("1: (15) if r0 == 0x0 goto pc+1   ; R0=map_value(map=m)\nno\n");
    assertEquals(Optional.of("(15) if r0 == 0x0 goto pc+1"), log.insn());
    assertEquals("no", log.reason());
  }

  @Test
  void structuralReasonsHaveTheirSlotInTheText() {
    var log = new VerifierLog("unreachable insn 2\n" + STATISTICS);
    assertEquals("unreachable insn 2", log.reason());
    assertEquals(OptionalInt.of(2), log.slot());
    assertEquals(Optional.empty(), log.insn());
  }

  @Test
  void someReasonsHaveNoSlot() {
    var log = new VerifierLog("last insn is not an exit or jmp\n" + STATISTICS);
    assertEquals(OptionalInt.empty(), log.slot());
  }

  @Test
  void statisticsMayFollowWithoutANewLine() {
    var log = new VerifierLog("0: (95) exit\nR0 !read_ok" + STATISTICS);
    assertEquals("R0 !read_ok", log.reason());
  }

  @Test
  void statisticsAreNoReason() {
    assertEquals("", new VerifierLog(STATISTICS).reason());
    assertEquals(
        "", new VerifierLog("verification time 43 usec\nstack depth 8+0\n" + STATISTICS).reason());
    assertEquals("", new VerifierLog("").reason());
  }

  @Test
  void sourceLinesAndBranchesAreTrace() {
    var log =
        new VerifierLog(
            """
            ; r1 = 5 @ demo.c:1
            from 6 to 8: R0=0 R1=scalar() R10=fp0
            8: R0=0 R1=scalar() R10=fp0
            8: (95) exit
            R0 !read_ok
            """);
    assertEquals("R0 !read_ok", log.reason());
    assertEquals(OptionalInt.of(8), log.slot());
  }

  @Test
  void aReasonInFrontOfStatesIsFound() {
    var log =
        new VerifierLog(
            """
            2: (05) goto pc-2
            infinite loop detected at insn 1
            cur state: R0=1 R10=fp0
            old state: R0=1 R10=fp0
            """
                + STATISTICS);
    assertEquals("infinite loop detected at insn 1", log.reason());
  }

  @Test
  void theStatesOfOldKernelsAreTrace() {
    var log =
        new VerifierLog(
            """
            0: (bf) r6 = r1
             R1=ctx(id=0,off=0,imm=0) R10=fp0
            1: (61) r2 = *(u32 *)(r6 +3)
            invalid bpf_context access off=3 size=4
            """);
    assertEquals("invalid bpf_context access off=3 size=4", log.reason());
    assertEquals(OptionalInt.of(1), log.slot());
  }

  @Test
  void bytesThatAreNoUtf8AreReplacedAndWhatFollowsTheNulIsNoLog() {
    var buffer = new byte[64];
    byte[] text = "name \u00ff\n".getBytes(StandardCharsets.ISO_8859_1);
    Arrays.fill(buffer, (byte) 'x');
    System.arraycopy(text, 0, buffer, 0, text.length);
    buffer[text.length] = 0;
    assertEquals("name \ufffd\n", VerifierLog.of(MemorySegment.ofArray(buffer)).text());
  }

  @Test
  void aLogWithoutANulIsReadToItsEnd() {
    var buffer = MemorySegment.ofArray("abc".getBytes(StandardCharsets.US_ASCII));
    assertEquals("abc", VerifierLog.of(buffer).text());
  }

  @Test
  void absurdNumbersAreNoSlots() {
    assertEquals(OptionalInt.empty(), new VerifierLog("99999999999: (95) exit\nno\n").slot());
  }

  @Test
  void linux49() {
    var log =
        new VerifierLog(
            """
            0: (b7) r1 = 0
            1: (61) r0 = *(u32 *)(r1 +0)
            R1 invalid mem access 'imm'
            """);
    assertEquals("R1 invalid mem access 'imm'", log.reason());
    assertEquals(OptionalInt.of(1), log.slot());
    assertHint("r1 holds a number here, not a pointer", log);
  }

  @Test
  void linux419() {
    var log =
        new VerifierLog(
            """
            0: (bf) r6 = r1
            1: (85) call bpf_map_lookup_elem#1
            2: (15) if r0 == 0x0 goto pc+2
             R0=map_value(id=0,off=0,ks=4,vs=8,imm=0) R6=ctx(id=0,off=0,imm=0) R10=fp0,call_-1
            3: (79) r2 = *(u64 *)(r0 +0)
            4: (0f) r0 += r2
            5: (71) r1 = *(u8 *)(r0 +0)
            R0 unbounded memory access, make sure to bounds check any array access into a map
            processed 6 insns (limit 131072), stack depth 0
            """);
    assertEquals(
        "R0 unbounded memory access, make sure to bounds check any array access into a map",
        log.reason());
    assertEquals(OptionalInt.of(5), log.slot());
    assertHint("bound r0 first", log);
  }

  @Test
  void loopsOfOldKernels() {
    var log = new VerifierLog("back-edge from insn 3 to 1\n");
    assertEquals(OptionalInt.of(3), log.slot());
    assertHint("loops need Linux 5.3 and CAP_BPF", log);
    assertHint(
        "the kernel is older than it",
        new VerifierLog("3: (85) call unknown#195\ninvalid func unknown#195\n"));
    assertHint(
        "may not call bpf_ktime_get_boot_ns",
        new VerifierLog("3: (85) call bpf_x#125\nunknown func bpf_ktime_get_boot_ns#125\n"));
  }

  @Test
  void linux510() {
    var log =
        new VerifierLog(
            """
            func#0 @0
            func#1 @4
            0: R1=ctx(id=0,off=0,imm=0) R10=fp0
            0: (b7) r1 = 8
            1: R1_w=invP8 R10=fp0
            1: (85) call pc+2
            caller:
             R10=fp0
            callee:
             frame1: R1_w=invP8 R10=fp0
            4: (bf) r0 = r1
            last_idx 4 first_idx 0
            regs=2 stack=0 before 1: (85) call pc+2
            5: (7b) *(u64 *)(r10 -600) = r0
            invalid stack off=-600 size=8
            verification time 51 usec
            stack depth 0+0
            processed 5 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
            """);
    assertEquals("invalid stack off=-600 size=8", log.reason());
    assertEquals(OptionalInt.of(5), log.slot());
    assertHint("there are 512 bytes of stack", log);
  }

  /** What level 2 writes in front of and between the instructions. */
  @Test
  void theListingOfLinux618IsTrace() {
    var log =
        new VerifierLog(
            """
            Live regs before insn:
              0: .1........ (bf) r6 = r1
              1: 0.....6... (95) exit
            Validating helper() func#1...
            func 'bpf_prog' arg0 has btf_id 12 type STRUCT 'task_struct'
            """);
    assertEquals("", log.reason());
  }

  /** Linux 7.3 puts a report behind the reason. */
  private static final String REPORT =
      """
      0: R1=ctx() R10=fp0
      0: (95) exit
      R0 !read_ok

      Verification failed: Register Type Safety: Unreadable register

      Reason:
        R0 has never been initialized on this path,
        so it cannot be an input.

      At:
        insn 0
              | ^-- error: R0 is not readable
        Instruction context:
        >>> 0 | (95) exit

      Causal path:
        no retained diagnostic events on this path

      Suggestion:
        Initialize R0 on every path before this instruction.

      """;

  @Test
  void theReportOfLinux73IsPartOfTheReason() {
    var log = new VerifierLog(REPORT + STATISTICS);
    assertEquals(
        "R0 !read_ok: R0 has never been initialized on this path, so it cannot be an input.",
        log.reason());
    assertEquals(OptionalInt.of(0), log.slot());
    assertEquals(Optional.of("(95) exit"), log.insn());
    assertEquals(
        Optional.of("Initialize R0 on every path before this instruction."), log.suggestion());
    assertHint("r0 is the result: set it on every path", log);
  }

  @Test
  void aReportStandsForItself() {
    var report = REPORT.substring(REPORT.indexOf("Verification failed"));
    var log = new VerifierLog(report.replace("insn 0", "insn 12"));
    assertEquals(
        "R0 has never been initialized on this path, so it cannot be an input.", log.reason());
    assertEquals(OptionalInt.of(12), log.slot());
  }

  @Test
  void olderLogsSuggestNothing() {
    assertEquals(Optional.empty(), new VerifierLog(STATISTICS).suggestion());
    assertEquals(Optional.empty(), VerifierHint.of("a reason that nobody has heard of"));
  }

  private static void assertHint(String part, VerifierLog log) {
    var hint = VerifierHint.of(log.reason()).orElse("none");
    assertTrue(hint.contains(part), hint);
  }
}
