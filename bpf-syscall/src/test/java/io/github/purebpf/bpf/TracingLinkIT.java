package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.testkit.Bpftool;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Programs at raw tracepoints and at what they were made for; they count this process alone. */
@RequiresKernel
@NoLeakedFds
class TracingLinkIT {
  private static final String TRACEPOINT = "sys_enter";

  private final Traces traces = new Traces();

  @AfterEach
  void close() {
    traces.close();
  }

  /** Any system call of this process. */
  private static void callTheKernel() {
    assertTrue(Files.exists(Path.of("/proc/self/status")));
  }

  @Test
  void aRawTracepointRunsTheProgramUntilTheLinkIsClosed() {
    try (var program =
        traces.load("raw", ProgramType.RAW_TRACEPOINT, null, Traces.countingOwn(0))) {
      callTheKernel();
      assertEquals(0, traces.take());
      try (var link = program.attach(new AttachPoint.RawTracepoint(TRACEPOINT))) {
        callTheKernel();
        assertTrue(traces.take() > 0);
        assertEquals(
            new LinkInfo.RawTracepoint(link.id(), program.id(), TRACEPOINT, 0), link.info());
        String oracle = Bpftool.run("-j", "link", "show", "id", Integer.toString(link.id()));
        assertTrue(oracle.contains("\"tp_name\":\"sys_enter\""), oracle);
        LinkOracle.isFixed(link, program);
      }
      traces.take();
      callTheKernel();
      assertEquals(0, traces.take());
    }
  }

  @Test
  void aCookieReachesTheProgramOrTheKernelIsTooOld() {
    try (var program = traces.load("cookie", ProgramType.RAW_TRACEPOINT, null, Traces.cookie(0))) {
      try (var link = program.attach(new AttachPoint.RawTracepoint(TRACEPOINT, 4711))) {
        callTheKernel();
        assertEquals(4711, traces.take());
        var info = assertInstanceOf(LinkInfo.RawTracepoint.class, link.info());
        assertTrue(info.cookie() == 4711 || info.cookie() == 0, info::toString);
      } catch (UnsupportedKernelException e) {
        assertEquals("a cookie", e.feature());
      }
    }
  }

  @Test
  void aTracepointThatIsNotThereIsExplained() {
    try (var program =
        traces.load("raw", ProgramType.RAW_TRACEPOINT, null, Traces.countingOwn(0))) {
      var point = new AttachPoint.RawTracepoint("no_such_tracepoint");
      var e = assertThrows(KernelErrorException.class, () -> program.attach(point));
      assertEquals("ENOENT", e.errnoName());
      assertTrue(
          e.getMessage()
              .startsWith(
                  "BPF_RAW_TRACEPOINT_OPEN of link of program raw to the raw tracepoint"
                      + " no_such_tracepoint failed with ENOENT (2): this kernel has no such"),
          e.getMessage());
      assertThrows(IllegalArgumentException.class, () -> program.attach(new AttachPoint.Target()));
    }
    assertThrows(IllegalArgumentException.class, () -> new AttachPoint.RawTracepoint(""));
  }

  @Test
  void aTypedTracepointIsTheTargetOfItsProgram() {
    var spec =
        Traces.spec("typed", ProgramType.TRACING, AttachType.TRACE_RAW_TP, Traces.countingOwn(0))
            .withTarget(new ProgramTarget.KernelSymbol(TRACEPOINT));
    try (var program = traces.load(spec);
        var link = program.attach(new AttachPoint.Target())) {
      callTheKernel();
      assertTrue(traces.take() > 0);
      var info = assertInstanceOf(LinkInfo.RawTracepoint.class, link.info());
      assertEquals(TRACEPOINT, info.tracepoint());
    }
  }

  /** A kernel may refuse all programs that need a trampoline; where it does not, they must work. */
  private void runsUnlessTrampolinesAreForbidden(
      ProgramType type, AttachType hook, String symbol, int result) {
    var spec =
        Traces.spec("target", type, hook, Traces.countingOwn(result))
            .withTarget(new ProgramTarget.KernelSymbol(symbol));
    try (var program = traces.load(spec)) {
      callTheKernel();
      assertEquals(0, traces.take());
      try (var link = program.attach(new AttachPoint.Target())) {
        callTheKernel();
        assertTrue(traces.take() > 0);
        var info = assertInstanceOf(LinkInfo.Tracing.class, link.info());
        assertEquals(Optional.of(hook), info.attachType());
      }
    } catch (KernelErrorException e) {
      assertTrue(e.getMessage().contains("go in between a function and its callers"), e::toString);
      assertEquals("EPERM", e.errnoName());
    }
  }

  @Test
  void functionsAreTracedAtTheirBeginningAndEnd() {
    runsUnlessTrampolinesAreForbidden(ProgramType.TRACING, AttachType.TRACE_FENTRY, "vfs_statx", 0);
    runsUnlessTrampolinesAreForbidden(ProgramType.TRACING, AttachType.TRACE_FEXIT, "vfs_statx", 0);
  }

  @Test
  void securityHooksAreObserved() {
    runsUnlessTrampolinesAreForbidden(
        ProgramType.TRACING, AttachType.MODIFY_RETURN, "security_inode_getattr", 0);
    runsUnlessTrampolinesAreForbidden(ProgramType.LSM, AttachType.LSM_MAC, "inode_getattr", 0);
  }
}
