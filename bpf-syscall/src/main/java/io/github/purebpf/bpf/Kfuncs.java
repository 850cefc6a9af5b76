package io.github.purebpf.bpf;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.btf.Btf;
import io.github.purebpf.btf.BtfType;
import io.github.purebpf.insn.Kfunc;
import java.io.IOException;
import java.nio.file.Path;

/** Finds the kernel functions that a program calls by name. */
final class Kfuncs {
  private static final Path VMLINUX = Path.of("/sys/kernel/btf/vmlinux");

  private Kfuncs() {}

  /**
   * Gives the kernel functions that a program calls by name the ids of this kernel.
   *
   * @param program its name
   * @throws KernelErrorException if the kernel itself has no such function (ENOENT), or no BTF
   */
  static BpfCode bind(BpfCode code, String program) {
    return code.kfuncs().isEmpty() ? code : bind(code, program, VMLINUX);
  }

  static BpfCode bind(BpfCode code, String program, Path vmlinux) {
    try {
      var kernel = Btf.read(vmlinux);
      return code.bindKfuncs(
          kfunc ->
              new Kfunc.ById(
                  kernel
                      .idOf(kfunc.name(), BtfType.Func.class)
                      .orElseThrow(() -> missing(program, kfunc, vmlinux)),
                  0));
    } catch (IOException e) {
      var unreadable =
          new KernelErrorException(
              "program %s calls kernel functions by name, and %s cannot be read: the kernel needs"
                      .formatted(program, vmlinux)
                  + " CONFIG_DEBUG_INFO_BTF and sysfs to be mounted",
              Cmd.PROG_LOAD.kernelName(),
              Errno.ENOENT);
      unreadable.initCause(e);
      throw unreadable;
    }
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
