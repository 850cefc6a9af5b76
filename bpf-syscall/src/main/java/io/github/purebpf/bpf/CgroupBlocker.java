package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.uapi.AttachFlags;
import io.github.purebpf.uapi.AttachType;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Finds the program because of which another cannot be attached: one attached to the same cgroup
 * without {@code BPF_F_ALLOW_MULTI}, or to one above with neither that nor {@code
 * BPF_F_ALLOW_OVERRIDE}.
 */
final class CgroupBlocker {
  private CgroupBlocker() {}

  /** What keeps a program from being attached here, as far as it can be found out. */
  static String explain(Kernel kernel, Path cgroup, AttachType type) {
    for (var at = cgroup.toAbsolutePath().normalize(); at != null; at = at.getParent()) {
      var found = at(kernel, at, type);
      if (found.isEmpty()) {
        break;
      }
      int flags = found.get().flags();
      boolean own = at.equals(cgroup.toAbsolutePath().normalize());
      boolean tolerant =
          (flags & AttachFlags.ALLOW_MULTI) != 0
              || (!own && (flags & AttachFlags.ALLOW_OVERRIDE) != 0);
      if (found.get().programs() > 0 && !tolerant) {
        return "program %d is attached to %s without BPF_F_ALLOW_MULTI and tolerates no other%s"
                .formatted(found.get().first(), at, own ? "" : " below")
            + "; detach it first";
      }
    }
    return "a program that is attached here or above without BPF_F_ALLOW_MULTI tolerates no other,"
        + " or a security module refuses it; see bpftool cgroup tree";
  }

  /** What is attached to one cgroup; the id is that of the first program. */
  private record Attached(int programs, int first, int flags) {}

  /** Empty when the kernel does not tell, which it does to CAP_NET_ADMIN and for cgroups. */
  private static Optional<Attached> at(Kernel kernel, Path cgroup, AttachType type) {
    int fd = Fd.offStandardStreams(kernel, kernel.open(cgroup));
    if (fd < 0) {
      return Optional.empty();
    }
    try (var arena = Arena.ofConfined()) {
      var ids = arena.allocate(ValueLayout.JAVA_INT);
      var attr =
          BpfAttr.allocate(arena, Attr.ProgQuery.PROG_CNT + Integer.BYTES)
              .u32(Attr.ProgQuery.TARGET_FD, fd)
              .u32(Attr.ProgQuery.ATTACH_TYPE, type.value())
              .pointer(Attr.ProgQuery.PROG_IDS, ids)
              .u32(Attr.ProgQuery.PROG_CNT, 1);
      int result = kernel.bpf(Cmd.PROG_QUERY, attr);
      // ENOSPC only says that there are more than one.
      return result < 0 && result != -Errno.ENOSPC
          ? Optional.empty()
          : Optional.of(
              new Attached(
                  attr.u32(Attr.ProgQuery.PROG_CNT),
                  ids.get(ValueLayout.JAVA_INT, 0),
                  attr.u32(Attr.ProgQuery.ATTACH_FLAGS)));
    } finally {
      kernel.close(fd);
    }
  }
}
