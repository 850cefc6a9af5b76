package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.VerifierException;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Privileges;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgramLoaderTest {
  private static final int LOG_LEVEL = 24;
  private static final int LOG_SIZE = 28;
  private static final int LOG_BUF = 32;
  private static final int LOG_TRUE_SIZE = 140;

  private static final String LOG =
      """
      0: R1=ctx() R10=fp0
      1: (95) exit
      At program exit the register R0 has smin=2
      processed 2 insns (limit 1000000) max_states_per_insn 0
      """;

  private final FakeKernel kernel = new FakeKernel();
  private final ProgramSpec spec =
      ProgramSpec.connect4("two", BpfCode.build(b -> b.mov(R0, 2).exit()));

  private VerifierException rejected() {
    return assertThrows(VerifierException.class, () -> BpfProgram.load(kernel, spec));
  }

  private static void log(BpfAttr attr, String text) {
    int size = attr.u32(LOG_SIZE);
    var buffer = FakeKernel.at(attr.bytes().get(JAVA_LONG, LOG_BUF), size);
    buffer.setString(0, text.length() < size ? text : text.substring(text.length() - size + 1));
  }

  private List<Integer> logSizes() {
    return kernel.calls(Cmd.PROG_LOAD).stream().map(call -> call.u32(LOG_SIZE)).toList();
  }

  @Test
  void anAcceptedProgramIsLoadedOnceWithoutALog() {
    BpfProgram.load(kernel, spec);
    assertEquals(List.of(0), logSizes());
    assertEquals(0, kernel.calls.getFirst().u32(LOG_LEVEL));
    assertEquals(0, kernel.calls.getFirst().u64(LOG_BUF));
  }

  @Test
  void aRejectedProgramIsLoadedAgainWithALog() {
    kernel.answer =
        (command, attr) -> {
          if (attr.u32(LOG_LEVEL) == 1) {
            log(attr, LOG);
          }
          return -Errno.EINVAL;
        };
    var e = rejected();
    assertEquals(List.of(0, 65536), logSizes());
    assertEquals(LOG, e.log());
    assertEquals("At program exit the register R0 has smin=2", e.summary());
    assertEquals("EINVAL", e.errnoName());
    assertEquals("ProgramLoaderTest.java", e.sourceLine().orElseThrow().file());
    assertEquals(
        "the verifier rejected program two (EINVAL): At program exit the register R0 has smin=2;"
            + " at "
            + e.sourceLine().orElseThrow()
            + ", slot 1: (95) exit",
        e.getMessage());
  }

  @Test
  void theLogGrowsToTheSizeThatTheKernelTells() {
    kernel.answer =
        (command, attr) -> {
          if (attr.u32(LOG_LEVEL) == 0) {
            return -Errno.EINVAL;
          }
          String whole = "x".repeat(1_000_000) + "\n" + LOG;
          log(attr, whole);
          attr.u32(LOG_TRUE_SIZE, whole.length() + 1);
          return attr.u32(LOG_SIZE) > whole.length() ? -Errno.EINVAL : -Errno.ENOSPC;
        };
    assertEquals(1_000_001 + LOG.length(), rejected().log().length());
    assertEquals(List.of(0, 65536, 1_000_002 + LOG.length()), logSizes());
  }

  @Test
  void theLogGrowsBlindlyWhereTheKernelDoesNotTell() {
    kernel.answer =
        (command, attr) -> {
          if (attr.u32(LOG_LEVEL) == 0) {
            return -Errno.EINVAL;
          }
          log(attr, LOG);
          return attr.u32(LOG_SIZE) > 1_000_000 ? -Errno.EINVAL : -Errno.ENOSPC;
        };
    rejected();
    assertEquals(List.of(0, 1 << 16, 1 << 18, 1 << 20), logSizes());
  }

  @Test
  void enospcWithTheWholeLogIsTheVerdict() {
    kernel.answer =
        (command, attr) -> {
          if (attr.u32(LOG_LEVEL) == 1) {
            log(attr, "BPF program is too large. Processed 1000001 insn\n");
            attr.u32(LOG_TRUE_SIZE, 50);
          }
          return -Errno.ENOSPC;
        };
    var e = rejected();
    assertEquals("ENOSPC", e.errnoName());
    assertEquals(List.of(0, 65536), logSizes());
  }

  @Test
  void anInterruptedLoadIsRepeatedButNotForever() {
    kernel.answer = (command, attr) -> kernel.calls.size() < 5 ? -Errno.EAGAIN : kernel.newFd();
    BpfProgram.load(kernel, spec);
    assertEquals(5, kernel.calls.size());

    kernel.calls.clear();
    kernel.answer = (command, attr) -> -Errno.EAGAIN;
    var e = assertThrows(KernelErrorException.class, () -> BpfProgram.load(kernel, spec));
    assertEquals("EAGAIN", e.errnoName());
    assertTrue(kernel.calls.size() <= 32, "calls: " + kernel.calls.size());
  }

  @Test
  void epermWithALogIsTheVerifiers() {
    kernel.privileges = new Privileges(0, true, false, 0);
    kernel.answer =
        (command, attr) -> {
          if (attr.u32(LOG_LEVEL) == 1) {
            log(attr, "R0 leaks addr as return value\n");
          }
          return -Errno.EPERM;
        };
    assertEquals("R0 leaks addr as return value", rejected().summary());
  }

  @Test
  void mapsOfARejectedProgramCanBeClosed() {
    var map = BpfMap.create(kernel, Fixtures.SERVICES_SPEC);
    kernel.answer = (command, attr) -> -Errno.EINVAL;
    assertThrows(
        KernelErrorException.class,
        () -> BpfProgram.load(kernel, ProgramSpec.connect4("r", Fixtures.REDIRECT), map));
    map.close();
    assertTrue(kernel.open.isEmpty());
  }

  @Test
  void aClosedMapIsRefusedAndTheOthersAreReleased() {
    var map = BpfMap.create(kernel, Fixtures.SERVICES_SPEC);
    map.close();
    var e =
        assertThrows(
            IllegalStateException.class,
            () -> BpfProgram.load(kernel, ProgramSpec.connect4("r", Fixtures.REDIRECT), map));
    assertEquals("map services is closed", e.getMessage());
  }
}
