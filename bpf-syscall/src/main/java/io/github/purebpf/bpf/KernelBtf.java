package io.github.purebpf.bpf;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.btf.Btf;
import io.github.purebpf.btf.BtfType;
import io.github.purebpf.insn.Kfunc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** BTF given to the kernel, and the kernel's own. */
final class KernelBtf {
  private static final Path VMLINUX = Path.of("/sys/kernel/btf/vmlinux");

  private static final int LOG = 64 * 1024;

  private KernelBtf() {}

  /** Loads BTF ({@code BPF_BTF_LOAD}, Linux 4.18): a descriptor or a negated errno. */
  static int load(Kernel kernel, byte[] btf) {
    try (var arena = Arena.ofConfined()) {
      var attr = attr(arena, btf, Attr.BtfLoad.BTF_LOG_LEVEL);
      return Fd.offStandardStreams(kernel, kernel.bpf(Cmd.BTF_LOAD, attr));
    }
  }

  /** What the kernel says against BTF that it has refused, in one line. */
  static String complaint(Kernel kernel, byte[] btf) {
    try (var arena = Arena.ofConfined()) {
      var log = arena.allocate(LOG);
      var attr =
          attr(arena, btf, Attr.BtfLoad.BTF_LOG_LEVEL + Integer.BYTES)
              .pointer(Attr.BtfLoad.BTF_LOG_BUF, log)
              .u32(Attr.BtfLoad.BTF_LOG_SIZE, LOG)
              .u32(Attr.BtfLoad.BTF_LOG_LEVEL, 1);
      int result = kernel.bpf(Cmd.BTF_LOAD, attr);
      if (result >= 0) {
        kernel.close(result);
      }
      // The complaint is the last line, behind the types that were in order.
      return VerifierLog.of(log)
          .text()
          .lines()
          .filter(line -> !line.isBlank())
          .reduce((first, second) -> second)
          .map(line -> "the kernel says " + line.strip())
          .orElse("the kernel does not say why");
    }
  }

  private static BpfAttr attr(Arena arena, byte[] btf, int size) {
    MemorySegment bytes = arena.allocate(btf.length, 8);
    MemorySegment.copy(btf, 0, bytes, ValueLayout.JAVA_BYTE, 0, btf.length);
    return BpfAttr.allocate(arena, size)
        .pointer(Attr.BtfLoad.BTF, bytes)
        .u32(Attr.BtfLoad.BTF_SIZE, btf.length);
  }

  /**
   * Gives the kernel functions that a program calls by name the ids of this kernel.
   *
   * @param program its name
   * @throws KernelErrorException if the kernel itself has no such function (ENOENT), or no BTF
   */
  static BpfCode bindKfuncs(BpfCode code, String program) {
    return code.kfuncs().isEmpty() ? code : bindKfuncs(code, program, VMLINUX);
  }

  static BpfCode bindKfuncs(BpfCode code, String program, Path vmlinux) {
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
      throw new KernelErrorException(
          "program %s calls kernel functions by name, and the kernel's BTF cannot be read (%s); it"
                  .formatted(program, e)
              + " needs CONFIG_DEBUG_INFO_BTF",
          Cmd.PROG_LOAD.kernelName(),
          Errno.ENOENT);
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
