package io.github.purebpf.bpf;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.btf.Btf;
import io.github.purebpf.btf.BtfType;
import io.github.purebpf.uapi.AttachType;
import java.util.List;

/**
 * A {@link ProgramTarget} on the running kernel.
 *
 * @param typeId {@code attach_btf_id}
 * @param attachType {@code expected_attach_type}
 * @param program whose BTF the id is of, else null
 * @param module whose BTF the id is of, else null; without either it is of the kernel's own
 */
record BoundTarget(int typeId, int attachType, BpfProgram program, ModuleBtf module)
    implements AutoCloseable {
  /** For programs without one. */
  static final BoundTarget NONE = new BoundTarget(0, 0, null, null);

  /**
   * Looks the target of a program up, if it has one.
   *
   * @throws KernelErrorException if the kernel has no such thing (ENOENT)
   */
  static BoundTarget of(Kernel kernel, ProgramSpec spec) {
    int attachType = spec.attachType().map(AttachType::value).orElse(0);
    return switch (spec.target().orElse(null)) {
      case null -> new BoundTarget(0, attachType, null, null);
      case ProgramTarget.KernelSymbol(String name) -> symbol(kernel, spec, name, attachType);
      case ProgramTarget.ProgramFunction(BpfProgram program, String function) ->
          new BoundTarget(
              KernelBtf.of(program)
                  .idOf(function, BtfType.Func.class)
                  .orElseThrow(
                      () -> missing(spec, "a function %s in %s".formatted(function, program))),
              attachType,
              program,
              null);
      case ProgramTarget.StructMember(String struct, String member) -> member(spec, struct, member);
    };
  }

  private static BoundTarget symbol(Kernel kernel, ProgramSpec spec, String name, int attachType) {
    return switch (spec.attachType().orElse(null)) {
      case TRACE_RAW_TP ->
          symbol(
              kernel,
              spec,
              "the tracepoint",
              "btf_trace_" + name,
              attachType,
              BtfType.Typedef.class);
      case LSM_MAC, LSM_CGROUP ->
          symbol(kernel, spec, "the hook", "bpf_lsm_" + name, attachType, BtfType.Func.class);
      case TRACE_ITER ->
          symbol(kernel, spec, "the iterator", "bpf_iter_" + name, attachType, BtfType.Func.class);
      case null, default ->
          symbol(kernel, spec, "the function", name, attachType, BtfType.Func.class);
    };
  }

  private static BoundTarget symbol(
      Kernel kernel,
      ProgramSpec spec,
      String what,
      String name,
      int attachType,
      Class<? extends BtfType> sort) {
    var types = kernelTypes(spec);
    var id = types.idOf(name, sort);
    if (id.isPresent()) {
      return new BoundTarget(id.getAsInt(), attachType, null, null);
    }
    var module =
        ModuleBtf.defining(kernel, types, name, sort)
            .orElseThrow(() -> missing(spec, what + " " + name));
    return new BoundTarget(module.types().idOf(name, sort).orElseThrow(), attachType, null, module);
  }

  private static BoundTarget member(ProgramSpec spec, String struct, String member) {
    var kernel = kernelTypes(spec);
    int id =
        kernel
            .idOf(struct, BtfType.Struct.class)
            .orElseThrow(() -> missing(spec, "the struct " + struct));
    List<BtfType.Member> members = ((BtfType.Struct) kernel.type(id)).members();
    for (int i = 0; i < members.size(); i++) {
      if (members.get(i).name().equals(member)) {
        return new BoundTarget(id, i, null, null);
      }
    }
    throw missing(spec, "the member %s of struct %s".formatted(member, struct));
  }

  private static Btf kernelTypes(ProgramSpec spec) {
    return KernelBtf.read(KernelBtf.VMLINUX, "program " + spec.name() + " has a target");
  }

  private static KernelErrorException missing(ProgramSpec spec, String what) {
    return new KernelErrorException(
        "program %s is for %s, which is not there: this kernel is too old or built without it"
            .formatted(spec.name(), what),
        Cmd.PROG_LOAD.kernelName(),
        Errno.ENOENT);
  }

  /** Whether the kernel has to write code that runs in between a function and its callers. */
  static boolean needsTrampoline(ProgramSpec spec) {
    return switch (spec.type()) {
      case EXT, LSM -> true;
      case TRACING ->
          spec.attachType()
              .filter(type -> type != AttachType.TRACE_RAW_TP && type != AttachType.TRACE_ITER)
              .isPresent();
      default -> false;
    };
  }

  /**
   * Puts it into the attr of {@code BPF_PROG_LOAD}; the program is to be held until the call ends.
   */
  void describe(BpfAttr attr, int programFd) {
    attr.u32(Attr.ProgLoad.EXPECTED_ATTACH_TYPE, attachType)
        .u32(Attr.ProgLoad.ATTACH_BTF_ID, typeId)
        .u32(Attr.ProgLoad.ATTACH_PROG_FD, programFd);
    if (module != null) {
      // Only this thread knows the descriptor, and closes it after the load.
      attr.u32(Attr.ProgLoad.ATTACH_BTF_OBJ_FD, module.fd().acquire());
      module.fd().release();
    }
  }

  @Override
  public void close() {
    if (module != null) {
      module.close();
    }
  }
}
