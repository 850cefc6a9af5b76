package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.bpf.features.Features;
import io.github.purebpf.bpf.features.KernelFeature;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.ProgramType;

/**
 * What is settled when the programs are built, so that a connect pays only for what is used.
 *
 * @param filter which cgroups are redirected
 * @param setRetval whether a refusal can have an errno of its own; without it, EPERM
 * @param process whether the kernel tells such a program which process connects
 * @param mayGoto whether the kernel ends loops itself, so that it verifies them faster; without it
 *     they are counted
 */
public record ProgramOptions(
    CgroupFilter filter, boolean setRetval, boolean process, boolean mayGoto) {
  /** What the running kernel can do. */
  public static ProgramOptions ofKernel(CgroupFilter filter) {
    return new ProgramOptions(
        filter,
        isAvailable(Helper.SET_RETVAL),
        isAvailable(Helper.GET_CURRENT_PID_TGID),
        Features.of(KernelFeature.MAY_GOTO).isAvailable());
  }

  private static boolean isAvailable(Helper helper) {
    return Features.of(helper, ProgramType.CGROUP_SOCK_ADDR).isAvailable();
  }

  /** r0: process and thread, or 0. */
  void process(BpfBuilder b) {
    if (process) {
      b.call(Helper.GET_CURRENT_PID_TGID);
    } else {
      b.mov(Reg.R0, 0);
    }
  }
}
