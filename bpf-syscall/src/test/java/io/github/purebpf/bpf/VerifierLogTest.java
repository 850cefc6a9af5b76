package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
}
