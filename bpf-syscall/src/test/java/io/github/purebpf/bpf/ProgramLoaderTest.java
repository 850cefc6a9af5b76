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
import io.github.purebpf.insn.KernelVersion;
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
            + ", slot 1: (95) exit; hint: this type of program may only return certain values:"
            + " returning(…) one of them",
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
  void theLogGrowsAlsoWhereABugOfTheVerifierHidesThatItIsCut() {
    kernel.answer =
        (_, attr) -> {
          if (attr.u32(LOG_LEVEL) != 0) {
            log(attr, "x".repeat(100_000) + "\n2192: (56) if w0 != 0x0 goto pc+373\nno\n");
          }
          return -Errno.EFAULT;
        };
    var e = rejected();
    assertEquals("EFAULT", e.errnoName());
    assertEquals("no", e.summary());
    assertEquals("see dmesg; another kernel may take the program", e.hint().orElseThrow());
    assertTrue(e.log().length() > 100_000);
    assertEquals(List.of(0, 1 << 16, 1 << 18), logSizes());
  }

  @Test
  void aTraceWithoutAReasonIsKeptWhenTheVerifierItselfFails() {
    kernel.answer =
        (_, attr) -> {
          if (attr.u32(LOG_LEVEL) != 0) {
            log(attr, "0: R1=ctx() R10=fp0\n0: (b7) r0 = 2\n");
          }
          return -Errno.EFAULT;
        };
    var e = rejected();
    assertEquals("the verifier itself failed, a bug of this kernel", e.summary());
    assertTrue(e.log().contains("0: (b7) r0 = 2"));
    assertEquals(spec.code().sourceLine(0), e.sourceLine());
  }

  @Test
  void aBugOfTheVerifierWithoutALogIsAnErrorOfTheKernel() {
    kernel.answer = (_, _) -> -Errno.EFAULT;
    var e = assertThrows(KernelErrorException.class, () -> BpfProgram.load(kernel, spec));
    assertTrue(e.getMessage().contains("a bug of this kernel; see dmesg"), e.getMessage());
  }

  @Test
  void theLogGrowsToTheLimitThatItIsGivenAndThenIsKeptInPart() {
    kernel.answer =
        (_, attr) -> {
          if (attr.u32(LOG_LEVEL) == 0) {
            return -Errno.EACCES;
          }
          log(attr, "x".repeat(1_000_000) + "\n" + LOG);
          attr.u32(LOG_TRUE_SIZE, 1_000_000 + LOG.length() + 2);
          return -Errno.ENOSPC;
        };
    var options = LoadOptions.DEFAULT.withLargestLog(100_000);
    var e = assertThrows(VerifierException.class, () -> BpfProgram.load(kernel, spec, options));
    assertEquals(99_999, e.log().length());
    assertEquals("At program exit the register R0 has smin=2", e.summary());
    assertEquals(List.of(0, 65536, 100_000), logSizes());
  }

  @Test
  void oldKernelsAreAskedForNoMoreThanTheyTake() {
    kernel.release = new KernelVersion(4, 19);
    kernel.answer =
        (_, attr) -> {
          if (attr.u32(LOG_LEVEL) == 0) {
            return -Errno.EACCES;
          }
          if (attr.u32(LOG_SIZE) > 0xffffff) {
            return -Errno.EINVAL;
          }
          log(attr, LOG);
          return -Errno.ENOSPC;
        };
    rejected();
    assertEquals(List.of(0, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 0xffffff), logSizes());
  }

  @Test
  void theLogOfAnAcceptedProgramIsGivenOnRequest() {
    kernel.answer =
        (_, attr) -> {
          log(attr, LOG);
          return kernel.newFd();
        };
    var options = LoadOptions.DEFAULT.withLog(LoadOptions.LogLevel.LEVEL2);
    assertEquals(LOG, BpfProgram.load(kernel, spec, options).log());
    var calls = kernel.calls(Cmd.PROG_LOAD);
    assertEquals(1, calls.size());
    assertEquals(2, calls.getFirst().u32(LOG_LEVEL));
  }

  @Test
  void anAcceptedProgramIsLoadedEvenIfItsLogIsTooLong() {
    kernel.answer =
        (_, attr) -> {
          if (attr.u32(LOG_LEVEL) == 0) {
            return kernel.newFd();
          }
          log(attr, "x".repeat(200_000));
          return -Errno.ENOSPC;
        };
    var options = LoadOptions.DEFAULT.withLog(LoadOptions.LogLevel.STATS).withLargestLog(100_000);
    assertEquals(99_999, BpfProgram.load(kernel, spec, options).log().length());
    assertEquals(List.of(65536, 100_000, 0), logSizes());
  }

  @Test
  void aProgramIsBoundToAnInterface() {
    BpfProgram.load(kernel, spec, LoadOptions.DEFAULT.withInterface(7));
    assertEquals(7, kernel.calls(Cmd.PROG_LOAD).getFirst().u32(64));
    kernel.answer = (_, _) -> -Errno.ENODEV;
    var e =
        assertThrows(
            KernelErrorException.class,
            () -> BpfProgram.load(kernel, spec, LoadOptions.DEFAULT.withInterface(7)));
    assertTrue(e.getMessage().contains("no interface has the index 7"), e.getMessage());
  }

  @Test
  void optionsThatNoKernelTakesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> LoadOptions.DEFAULT.withLargestLog(127));
    assertThrows(
        IllegalArgumentException.class,
        () -> LoadOptions.DEFAULT.withLargestLog(Integer.MAX_VALUE));
    assertThrows(IllegalArgumentException.class, () -> LoadOptions.DEFAULT.withInterface(-1));
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
