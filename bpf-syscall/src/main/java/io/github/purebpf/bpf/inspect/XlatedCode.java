package io.github.purebpf.bpf.inspect;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.internal.sys.Kernel;
import java.util.List;

/**
 * The code of a loaded program as it runs: what the verifier made of what it was given. Calls of
 * helpers are inlined or call the function behind them, fields of a context have become those of
 * kernel structs.
 *
 * <p>{@link #toString} is the listing.
 *
 * @param insns in the order of their slots
 * @param functions in the order of their slots; the first is the one that the kernel calls
 */
public record XlatedCode(List<XlatedInsn> insns, List<XlatedFunction> functions) {
  /** Copies the lists. */
  public XlatedCode {
    insns = List.copyOf(insns);
    functions = List.copyOf(functions);
  }

  /**
   * That of a program that this process holds ({@code BPF_OBJ_GET_INFO_BY_FD}, Linux 4.13; lines
   * and names since 5.0).
   *
   * @throws MissingPrivilegeException without CAP_BPF, and without CAP_SYS_ADMIN for a program that
   *     was loaded with lines and names
   * @throws KernelErrorException if the kernel shows it to nobody (EPERM): the program's constants
   *     are blinded ({@code net.core.bpf_jit_harden}) and addresses are secret ({@code
   *     kernel.kptr_restrict})
   */
  public static XlatedCode of(BpfProgram program) {
    var kernel = Kernel.running();
    return program.withFd(fd -> new XlatedReader(kernel, fd, program.toString()).read());
  }

  /** The instructions alone, to be printed with labels or checked. */
  public BpfCode code() {
    return BpfCode.of(insns.stream().map(XlatedInsn::insn).toList());
  }

  /**
   * A listing as of {@code bpftool prog dump xlated linum}: the name of each function, each source
   * line before the first of its instructions, the instructions with slot and opcode.
   */
  @Override
  public String toString() {
    return new XlatedListing(this).text();
  }

  /** The name of the function that begins at a slot, or null. */
  String nameAt(int slot) {
    return functions.stream()
        .filter(function -> function.slot() == slot)
        .map(XlatedFunction::name)
        .findFirst()
        .orElse(null);
  }
}
