package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.util.Optional;
import org.junit.jupiter.api.Test;

@RequiresKernel
@NoLeakedFds
class ProgramTargetIT {
  private static final BpfCode ZERO = BpfCode.build(b -> b.mov(R0, 0).exit());

  private static ProgramSpec spec(ProgramType type, AttachType hook, ProgramTarget target) {
    return new ProgramSpec("p", type, Optional.ofNullable(hook), ZERO, "GPL", 0).withTarget(target);
  }

  private static void loads(ProgramSpec spec) {
    try (var program = BpfProgram.load(spec)) {
      assertTrue(program.id() > 0);
    }
  }

  /**
   * A kernel may refuse all programs that need a trampoline, and says so only with EPERM and only
   * once everything else about them is right.
   */
  private static void loadsUnlessTrampolinesAreForbidden(ProgramSpec spec) {
    try {
      loads(spec);
    } catch (KernelErrorException e) {
      assertTrue(e.getMessage().contains("go in between a function and its callers"), e::toString);
      assertEquals("EPERM", e.errnoName());
    }
  }

  @Test
  void symbolsOfTheKernelAreFoundForEachHook() {
    loadsUnlessTrampolinesAreForbidden(
        spec(
            ProgramType.TRACING,
            AttachType.TRACE_FENTRY,
            new ProgramTarget.KernelSymbol("do_unlinkat")));
    loads(
        spec(
            ProgramType.TRACING,
            AttachType.TRACE_RAW_TP,
            new ProgramTarget.KernelSymbol("sched_switch")));
    loads(spec(ProgramType.TRACING, AttachType.TRACE_ITER, new ProgramTarget.KernelSymbol("task")));
    loadsUnlessTrampolinesAreForbidden(
        spec(ProgramType.LSM, AttachType.LSM_MAC, new ProgramTarget.KernelSymbol("file_open")));
  }

  @Test
  void aFunctionOfAProgramIsReplaced() {
    var main = new ProgramSpec("pass", ProgramType.XDP, Optional.empty(), ZERO, "GPL", 0);
    try (var target = BpfProgram.load(main)) {
      loadsUnlessTrampolinesAreForbidden(
          spec(ProgramType.EXT, null, new ProgramTarget.ProgramFunction(target, "pass")));
      var absent = spec(ProgramType.EXT, null, new ProgramTarget.ProgramFunction(target, "no"));
      var thrown = assertThrows(KernelErrorException.class, () -> BpfProgram.load(absent));
      assertTrue(thrown.getMessage().contains("a function no in program pass"), thrown::getMessage);
    }
  }

  @Test
  void aMemberOfAStructOfFunctionsIsImplemented() {
    loads(
        spec(
            ProgramType.STRUCT_OPS,
            null,
            new ProgramTarget.StructMember("tcp_congestion_ops", "ssthresh")));
  }

  @Test
  void saysWhatTheKernelDoesNotHave() {
    var hook =
        spec(ProgramType.LSM, AttachType.LSM_MAC, new ProgramTarget.KernelSymbol("no_such_hook"));
    var thrown = assertThrows(KernelErrorException.class, () -> BpfProgram.load(hook));
    assertEquals(
        "program p is for the hook bpf_lsm_no_such_hook, which is not there: this kernel is too old"
            + " or built without it",
        thrown.getMessage());
    assertEquals("ENOENT", thrown.errnoName());
  }
}
