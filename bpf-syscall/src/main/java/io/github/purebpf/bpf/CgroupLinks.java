package io.github.purebpf.bpf;

import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.uapi.AttachFlags;
import io.github.purebpf.uapi.AttachType;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Set;

/** Attaches programs to cgroups. */
final class CgroupLinks {
  private static final KernelVersion HOLDERS_MAY_ATTACH = new KernelVersion(5, 8);
  private static final KernelVersion ORDER = new KernelVersion(6, 17);
  private static final KernelVersion PREORDER = new KernelVersion(6, 15);

  private CgroupLinks() {}

  static BpfLink create(BpfProgram program, AttachPoint.Cgroup point) {
    var type = attachType(program);
    var kernel = program.kernel();
    var order = point.order();
    try (var cgroup = OpenFile.cgroup(kernel, point.path());
        var arena = Arena.ofConfined()) {
      int size =
          order.isDefault()
              ? Attr.LinkCreate.FLAGS + Integer.BYTES
              : Attr.LinkCreate.CGROUP_EXPECTED_REVISION + Long.BYTES;
      var attr =
          BpfAttr.allocate(arena, size)
              .u32(Attr.LinkCreate.TARGET_FD, cgroup.fd())
              .u32(Attr.LinkCreate.ATTACH_TYPE, type.value())
              .u32(Attr.LinkCreate.FLAGS, flags(order, point.preorder()));
      if (!order.isDefault()) {
        attr.u32(Attr.LinkCreate.CGROUP_RELATIVE_ID, order.id())
            .u64(Attr.LinkCreate.CGROUP_EXPECTED_REVISION, order.revision());
      }
      return BpfLink.create(
          program,
          Cmd.LINK_CREATE,
          attr,
          point.path().toString(),
          failure ->
              explain(failure, kernel, point.path(), type, order, point.preorder())
                  .hint(
                      Errno.EINVAL,
                      order.neighbour() == AttachOrder.Neighbour.PROGRAM
                          ? "in a cgroup a link can be put next to a link only"
                          : "the program was not loaded for " + type.kernelName()));
    }
  }

  private static int flags(AttachOrder order, boolean preorder) {
    return order.flags() | (preorder ? AttachFlags.PREORDER : 0);
  }

  /** The hook of a program for cgroups. */
  static AttachType attachType(BpfProgram program) {
    var type =
        program
            .attachType()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        program.title() + " was loaded without an attach type"));
    if (type != AttachType.LSM_CGROUP && !type.name().startsWith("CGROUP_")) {
      throw new IllegalArgumentException(
          "%s was loaded for %s; a cgroup takes BPF_CGROUP_… and BPF_LSM_CGROUP"
              .formatted(program.title(), type.kernelName()));
    }
    return type;
  }

  /** What a refusal to attach means. */
  static Failure explain(
      Failure failure,
      Kernel kernel,
      Path path,
      AttachType type,
      AttachOrder order,
      boolean preorder) {
    failure
        .needs(neededToAttach(kernel, type))
        .feature(type.kernelName(), type.since())
        .hint(Errno.EPERM, () -> CgroupBlocker.explain(kernel, path, type))
        .hint(Errno.ENOENT, "the neighbour is not attached there for " + type.kernelName())
        .hint(Errno.ESTALE, "others have attached or detached programs there since that revision")
        .hint(Errno.E2BIG, "64 programs are attached there already, and no more fit; detach one");
    if (preorder) {
      failure.feature("running before the programs of cgroups below", PREORDER);
    }
    return order.isDefault() ? failure : failure.feature("an order of programs", ORDER);
  }

  /** Whoever holds a program may attach it, but for the traffic of others. */
  private static Set<Capability> neededToAttach(Kernel kernel, AttachType type) {
    boolean packets =
        type == AttachType.CGROUP_INET_INGRESS || type == AttachType.CGROUP_INET_EGRESS;
    return packets || kernel.release().compareTo(HOLDERS_MAY_ATTACH) < 0
        ? Set.of(Capability.CAP_NET_ADMIN)
        : Set.of();
  }
}
