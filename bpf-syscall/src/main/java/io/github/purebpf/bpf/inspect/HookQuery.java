package io.github.purebpf.bpf.inspect;

import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.query.AttachedList;
import io.github.purebpf.bpf.internal.query.AttachedList.Detail;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.uapi.AttachType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The programs at the hooks of one place.
 *
 * @param place how messages call it
 * @param target its descriptor or number
 */
record HookQuery(Kernel kernel, String place, int target) {
  /** What is at some hooks, where there is something. */
  List<AttachedPrograms> all(List<AttachType> types, Detail detail) {
    var all = new ArrayList<AttachedPrograms>();
    for (var type : types) {
      var list = list(type, 0, detail);
      if (!list.entries().isEmpty()) {
        all.add(
            new AttachedPrograms(
                type,
                list.revision(),
                list.entries().stream().map(entry -> program(kernel, entry)).toList()));
      }
    }
    return all;
  }

  /** What is at a hook; nothing if the kernel does not have it. */
  AttachedList list(AttachType type, int queryFlags, Detail detail) {
    var list = AttachedList.of(kernel, target, type.value(), queryFlags, detail);
    boolean knowsQueries = kernel.release().compareTo(Cmd.PROG_QUERY.since()) >= 0;
    // A hook that is newer than the kernel, that it is built without, or of other interfaces.
    boolean hasNoHook =
        (list.result() == -Errno.EINVAL && knowsQueries) || list.result() == -Errno.EOPNOTSUPP;
    if (list.result() < 0 && !hasNoHook) {
      throw Failure.of(kernel, Cmd.PROG_QUERY, "programs for " + type.kernelName() + " at " + place)
          .needs(Set.of(Capability.CAP_NET_ADMIN))
          .hint(Errno.ENODEV, "there is no such interface in the namespace of this thread")
          .hint(Errno.ENOSPC, "the list grew each time it was read; try again")
          .exception(list.result());
    }
    return list;
  }

  private static AttachedProgram program(Kernel kernel, AttachedList.Entry entry) {
    return new AttachedProgram(
        entry.programId(),
        name(kernel, entry.programId()),
        entry.linkId() == 0 ? OptionalInt.empty() : OptionalInt.of(entry.linkId()),
        entry.flags(),
        Optional.empty());
  }

  /** The name of a program, if this thread may ask for it and it is still there. */
  static Optional<String> name(Kernel kernel, int programId) {
    try {
      return KernelObjects.program(kernel, programId).map(ProgramInfo::name);
    } catch (MissingPrivilegeException _) {
      return Optional.empty(); // told to CAP_SYS_ADMIN, the list itself to CAP_NET_ADMIN
    }
  }
}
