package io.github.purebpf.bpf;

import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.uapi.AttachType;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Set;

/** Asks how often a list of attached programs has changed. */
final class ListRevision {
  private static final KernelVersion CGROUPS = new KernelVersion(6, 17);

  private ListRevision() {}

  static long of(BpfProgram program, AttachPoint point) {
    var kernel = program.kernel();
    return switch (point) {
      case AttachPoint.Cgroup cgroup -> {
        var type = CgroupLinks.attachType(program);
        try (var directory = OpenFile.cgroup(kernel, cgroup.path())) {
          yield query(kernel, directory.fd(), type, cgroup.path().toString(), CGROUPS);
        }
      }
      case AttachPoint.Tcx tcx -> device(kernel, tcx.ifindex(), tcx.direction().type());
      case AttachPoint.Netkit netkit -> device(kernel, netkit.ifindex(), netkit.side().type());
      default ->
          throw new IllegalArgumentException(
              point + " has no list of programs; cgroups, tcx and netkit have");
    };
  }

  private static long device(Kernel kernel, int ifindex, AttachType type) {
    return query(kernel, ifindex, type, "interface " + ifindex, type.since());
  }

  /** The interface and the directory lie in one field. */
  private static long query(
      Kernel kernel, int target, AttachType type, String place, KernelVersion since) {
    try (var arena = Arena.ofConfined()) {
      var attr =
          BpfAttr.allocate(arena, Attr.ProgQuery.SIZE)
              .u32(Attr.ProgQuery.TARGET_FD, target)
              .u32(Attr.ProgQuery.ATTACH_TYPE, type.value());
      int result = kernel.bpf(Cmd.PROG_QUERY, attr);
      long revision = attr.bytes().get(ValueLayout.JAVA_LONG, Attr.ProgQuery.REVISION);
      if (result < 0 || revision == 0) {
        var failure =
            Failure.of(kernel, Cmd.PROG_QUERY, "programs for " + type.kernelName() + " at " + place)
                .needs(Set.of(Capability.CAP_NET_ADMIN))
                .feature("a revision", since);
        boolean cgroup = since.equals(CGROUPS);
        throw (cgroup ? failure : DeviceLinks.explain(failure, type))
            .exception(result < 0 ? result : -Errno.EINVAL);
      }
      return revision;
    }
  }
}
