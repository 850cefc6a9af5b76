package io.github.purebpf.insn;

/** A function of the kernel that a program calls. */
public sealed interface Kfunc {
  /**
   * By its BTF id.
   *
   * @param btfId the id of the function in the BTF
   * @param fdIndex the module's BTF in the load call's {@code fd_array}; 0 for the kernel itself
   */
  record ById(int btfId, int fdIndex) implements Kfunc {
    /** Refuses an index beyond 16 bits or below 0. */
    public ById {
      if (fdIndex < 0 || fdIndex > Short.MAX_VALUE) {
        throw new AsmException("fd_array index " + fdIndex + " is outside 0 to 32767");
      }
    }
  }

  /**
   * By name, bound to the running kernel's BTF when the program is loaded.
   *
   * @param name the C identifier, such as {@code bpf_rcu_read_lock}
   */
  record Named(String name) implements Kfunc {
    /** Refuses what is no C identifier. */
    public Named {
      if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
        throw new AsmException("kfunc name \"" + name + "\" is no C identifier");
      }
    }
  }
}
