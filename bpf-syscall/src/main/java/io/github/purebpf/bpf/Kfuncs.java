package io.github.purebpf.bpf;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.btf.BtfType;
import io.github.purebpf.insn.Kfunc;
import java.nio.file.Path;

/** Finds the kernel functions that a program calls by name. */
final class Kfuncs {
  private Kfuncs() {}

  /**
   * Gives the kernel functions that a program calls by name the ids of this kernel.
   *
   * @param program its name
   * @throws KernelErrorException if the kernel itself has no such function (ENOENT), or no BTF
   */
  static BpfCode bind(BpfCode code, String program) {
    return code.kfuncs().isEmpty() ? code : bind(code, program, KernelBtf.VMLINUX);
  }

  static BpfCode bind(BpfCode code, String program, Path vmlinux) {
    var kernel = KernelBtf.read(vmlinux, "program " + program + " calls kernel functions by name");
    return code.bindKfuncs(
        kfunc ->
            new Kfunc.ById(
                kernel
                    .idOf(kfunc.name(), BtfType.Func.class)
                    .orElseThrow(() -> missing(program, kfunc, vmlinux)),
                0));
  }

  private static KernelErrorException missing(String program, Kfunc.Named kfunc, Path vmlinux) {
    return new KernelErrorException(
        "program %s calls %s, which %s does not have: this kernel is too old or built without it, or"
                .formatted(program, kfunc.name(), vmlinux)
            + " it is a module's, and those can only be called by id",
        Cmd.PROG_LOAD.kernelName(),
        Errno.ENOENT);
  }
}
