package io.github.purebpf.insn;

/**
 * A call of a kernel function by its BTF id, {@code BPF_PSEUDO_KFUNC_CALL}. Linux 5.13.
 *
 * @param btfId the id of the function in the BTF
 * @param fdIndex the module's BTF in the load call's {@code fd_array}; 0 for the kernel itself
 */
public record KfuncCall(int btfId, int fdIndex) implements Insn {
  /** Refuses an index beyond 16 bits or below 0. */
  public KfuncCall {
    if (fdIndex < 0 || fdIndex > Short.MAX_VALUE) {
      throw new AsmException("fd_array index " + fdIndex + " is outside 0 to 32767");
    }
  }
}
