package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.BpfProgInfo;
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
 * Finds the program because of which another cannot be attached: one attached to the same cgroup in
 * another mode, or to one above with neither {@code BPF_F_ALLOW_MULTI} nor {@code
 * BPF_F_ALLOW_OVERRIDE}.
 */
final class CgroupBlocker {
  private static final int MODE = AttachFlags.ALLOW_MULTI | AttachFlags.ALLOW_OVERRIDE;

  private CgroupBlocker() {}

  /** What keeps a program from being attached here by a link, as far as it can be found out. */
  static String explain(Kernel kernel, Path cgroup, AttachType type) {
    return explain(kernel, cgroup, type, AttachFlags.ALLOW_MULTI);
  }

  /**
   * The same in any mode.
   *
   * @param mode {@code BPF_F_ALLOW_MULTI}, {@code BPF_F_ALLOW_OVERRIDE} or 0
   */
  static String explain(Kernel kernel, Path cgroup, AttachType type, int mode) {
    var own = cgroup.toAbsolutePath().normalize();
    for (var at = own; at != null; at = at.getParent()) {
      var found = at(kernel, at, type);
      if (found.isEmpty()) {
        break;
      }
      int flags = found.get().flags() & MODE;
      boolean none = found.get().programs() == 0;
      if (none || (at.equals(own) ? flags == mode : flags != 0)) {
        continue;
      }
      String program = program(kernel, found.get().first()) + " is attached to " + at;
      if (flags == 0) {
        return "%s without BPF_F_ALLOW_MULTI and tolerates no other%s; detach it first"
            .formatted(program, at.equals(own) ? "" : " below");
      }
      return "%s with %s, and all programs of a cgroup share one mode; detach it or take its mode"
          .formatted(
              program,
              (flags & AttachFlags.ALLOW_MULTI) != 0
                  ? "BPF_F_ALLOW_MULTI"
                  : "BPF_F_ALLOW_OVERRIDE");
    }
    return "a program that is attached here or above without BPF_F_ALLOW_MULTI tolerates no other,"
        + " or a security module refuses it; see bpftool cgroup tree";
  }

  /** A program by its id, and by its name where this process may look (CAP_SYS_ADMIN). */
  private static String program(Kernel kernel, int id) {
    try (var arena = Arena.ofConfined()) {
      var open =
          BpfAttr.allocate(arena, Attr.GetId.OPEN_FLAGS + Integer.BYTES)
              .u32(Attr.GetId.PROG_ID, id);
      int fd = Fd.offStandardStreams(kernel, kernel.bpf(Cmd.PROG_GET_FD_BY_ID, open));
      if (fd < 0) {
        return "program " + id;
      }
      try {
        var info = arena.allocate(BpfProgInfo.NAME + BpfProgInfo.NAME_SIZE, 8);
        var attr =
            BpfAttr.allocate(arena, Attr.ObjInfo.SIZE)
                .u32(Attr.ObjInfo.BPF_FD, fd)
                .u32(Attr.ObjInfo.INFO_LEN, (int) info.byteSize())
                .pointer(Attr.ObjInfo.INFO, info);
        int result = kernel.bpf(Cmd.OBJ_GET_INFO_BY_FD, attr);
        String name = info.getString(BpfProgInfo.NAME);
        return "program " + id + (result < 0 || name.isEmpty() ? "" : " (" + name + ")");
      } finally {
        kernel.close(fd);
      }
    }
  }

  /** What is attached to one cgroup; the id is that of the first program. */
  record Attached(int programs, int first, int flags) {}

  /** Empty when the kernel does not tell, which it does to CAP_NET_ADMIN and for cgroups. */
  static Optional<Attached> at(Kernel kernel, Path cgroup, AttachType type) {
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
