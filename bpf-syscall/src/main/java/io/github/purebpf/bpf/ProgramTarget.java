package io.github.purebpf.bpf;

import java.util.Objects;

/**
 * What in the kernel a program is made for, where its type and hook do not say it: the verifier
 * looks up its arguments there ({@code attach_btf_id}).
 */
public sealed interface ProgramTarget {
  /**
   * Something of the kernel itself, by its name in BTF: the function of {@code TRACE_FENTRY},
   * {@code TRACE_FEXIT} and {@code MODIFY_RETURN}, the tracepoint of {@code TRACE_RAW_TP}, the hook
   * of {@code LSM_MAC} and {@code LSM_CGROUP} without its {@code bpf_lsm_} ({@code file_open}), the
   * kind of iterator of {@code TRACE_ITER} ({@code task}, {@code bpf_map_elem}). Linux 5.5.
   *
   * @param name as above
   */
  record KernelSymbol(String name) implements ProgramTarget {
    /** Refuses null. */
    public KernelSymbol {
      Objects.requireNonNull(name, "name");
    }
  }

  /**
   * A function of a loaded program, which is replaced ({@code BPF_PROG_TYPE_EXT}) or traced. Linux
   * 5.6.
   *
   * @param program that program
   * @param function its name in the program's source info, the name of the program itself for its
   *     main function
   */
  record ProgramFunction(BpfProgram program, String function) implements ProgramTarget {
    /** Refuses nulls. */
    public ProgramFunction {
      Objects.requireNonNull(program, "program");
      Objects.requireNonNull(function, "function");
    }
  }

  /**
   * A member of a struct of functions, which the program implements ({@code
   * BPF_PROG_TYPE_STRUCT_OPS}). Linux 5.6.
   *
   * @param struct the struct, such as {@code tcp_congestion_ops}
   * @param member the pointer to a function in it, such as {@code ssthresh}
   */
  record StructMember(String struct, String member) implements ProgramTarget {
    /** Refuses nulls. */
    public StructMember {
      Objects.requireNonNull(struct, "struct");
      Objects.requireNonNull(member, "member");
    }
  }
}
