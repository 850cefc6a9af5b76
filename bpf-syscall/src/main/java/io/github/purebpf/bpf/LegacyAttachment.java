package io.github.purebpf.bpf;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.uapi.AttachFlags;
import io.github.purebpf.uapi.AttachType;
import java.lang.foreign.Arena;
import java.util.Objects;

/**
 * A program attached without a link ({@code BPF_PROG_ATTACH}, Linux 4.10), as all were before Linux
 * 5.7.
 *
 * <p>It belongs to nobody, so there is nothing to close: the program stays attached when it is
 * closed here and when this process has ended, until somebody {@linkplain #detach detaches} it or
 * the cgroup or map goes. Prefer {@link BpfProgram#attach}, unless that is what you want.
 *
 * @param program what is attached; any object of that program will do, also one opened by its pin
 * @param point where
 */
public record LegacyAttachment(BpfProgram program, LegacyPoint point) {
  private static final KernelVersion REPLACE = new KernelVersion(5, 6);

  /**
   * Names an attachment that was made earlier or by another process, and makes none.
   *
   * @throws IllegalArgumentException if the program is not one for such a place
   * @throws IllegalStateException if the program has no attach type
   */
  public LegacyAttachment {
    Objects.requireNonNull(point, "point");
    var _ = hook(program, point);
  }

  private static AttachType hook(BpfProgram program, LegacyPoint point) {
    return switch (point) {
      case LegacyPoint.Cgroup _ -> CgroupLinks.attachType(program);
      case LegacyPoint.SocketMap _ -> {
        SocketMapLinks.SOCKET_MAP.require(program);
        yield program.attachType().orElseThrow();
      }
    };
  }

  static LegacyAttachment make(BpfProgram program, LegacyPoint point) {
    var attachment = new LegacyAttachment(program, point);
    attachment.attach(0, 0);
    return attachment;
  }

  private void attach(int moreFlags, int replaced) {
    int result =
        switch (point) {
          case LegacyPoint.Cgroup(var path, var mode, var order) -> {
            try (var cgroup = OpenFile.cgroup(program.kernel(), path)) {
              int flags = mode.flags() | order.flags() | moreFlags;
              yield attach(cgroup.fd(), flags, replaced, order);
            }
          }
          case LegacyPoint.SocketMap(KernelMap map) ->
              map.withFd(fd -> attach(fd, moreFlags, replaced, AttachOrder.LAST));
        };
    if (result < 0) {
      throw explain(Failure.of(program.kernel(), Cmd.PROG_ATTACH, title())).exception(result);
    }
  }

  private int attach(int target, int flags, int replaced, AttachOrder order) {
    try (var arena = Arena.ofConfined()) {
      int size =
          order.isDefault()
              ? Attr.ProgAttach.REPLACE_BPF_FD + Integer.BYTES
              : Attr.ProgAttach.EXPECTED_REVISION + Long.BYTES;
      var attr = attr(arena, size, target).u32(Attr.ProgAttach.ATTACH_FLAGS, flags);
      attr.u32(Attr.ProgAttach.REPLACE_BPF_FD, replaced);
      if (!order.isDefault()) {
        attr.u32(Attr.ProgAttach.RELATIVE_ID, order.id())
            .u64(Attr.ProgAttach.EXPECTED_REVISION, order.revision());
      }
      return program.call(Cmd.PROG_ATTACH, attr, Attr.ProgAttach.ATTACH_BPF_FD);
    }
  }

  private BpfAttr attr(Arena arena, int size, int target) {
    return BpfAttr.allocate(arena, size)
        .u32(Attr.ProgAttach.TARGET_FD, target)
        .u32(Attr.ProgAttach.ATTACH_TYPE, hook(program, point).value());
  }

  private Failure explain(Failure failure) {
    var kernel = program.kernel();
    var type = hook(program, point);
    return switch (point) {
      case LegacyPoint.Cgroup(var path, var mode, var order) ->
          CgroupLinks.explain(failure, kernel, path, type, order, false)
              .hint(Errno.EPERM, () -> CgroupBlocker.explain(kernel, path, type, mode.flags()))
              .hint(Errno.EINVAL, "the program is attached there already");
      case LegacyPoint.SocketMap _ ->
          failure
              .feature(type.kernelName(), type.since())
              .hint(Errno.EOPNOTSUPP, "it is no map of sockets, or this kernel is built without it")
              .hint(Errno.EBUSY, "a program that the kernel runs in its place is attached there");
    };
  }

  /**
   * Puts another program in the place of this one, with no moment in between, which only programs
   * in the mode {@link LegacyPoint.Mode#MULTI} need ({@code BPF_F_REPLACE}, Linux 5.6).
   *
   * @return the attachment that there is now
   * @throws IllegalStateException in another mode, where attaching replaces anyway
   * @throws KernelErrorException if this program is not attached there (ENOENT)
   */
  public LegacyAttachment replace(BpfProgram other) {
    if (!(point instanceof LegacyPoint.Cgroup cgroup) || cgroup.mode() != LegacyPoint.Mode.MULTI) {
      throw new IllegalStateException(title() + " has one program: attach the other, it replaces");
    }
    var next = new LegacyAttachment(other, new LegacyPoint.Cgroup(cgroup.path(), cgroup.mode()));
    if (program.kernel().release().compareTo(REPLACE) < 0) {
      throw Failure.of(program.kernel(), Cmd.PROG_ATTACH, title())
          .feature("BPF_F_REPLACE", REPLACE)
          .exception(-Errno.EINVAL);
    }
    // The kernel ignores the descriptor unless the flag is set, and appends then.
    program.withFd(
        fd -> {
          next.attach(AttachFlags.REPLACE, fd);
          return next;
        });
    return next;
  }

  /**
   * Detaches the program ({@code BPF_PROG_DETACH}, Linux 4.10).
   *
   * @throws KernelErrorException if it is not attached there (ENOENT, EINVAL), or was attached by a
   *     link
   */
  public void detach() {
    int result =
        switch (point) {
          case LegacyPoint.Cgroup cgroup -> {
            requireAttached(cgroup);
            try (var directory = OpenFile.cgroup(program.kernel(), cgroup.path())) {
              yield detach(directory.fd());
            }
          }
          case LegacyPoint.SocketMap(KernelMap map) -> map.withFd(this::detach);
        };
    if (result < 0) {
      throw notAttached(result);
    }
  }

  private int detach(int target) {
    try (var arena = Arena.ofConfined()) {
      var attr = attr(arena, Attr.ProgAttach.ATTACH_FLAGS + Integer.BYTES, target);
      return program.call(Cmd.PROG_DETACH, attr, Attr.ProgAttach.ATTACH_BPF_FD);
    }
  }

  /** Where there is but one program, the kernel detaches whichever it is. */
  private void requireAttached(LegacyPoint.Cgroup cgroup) {
    var kernel = program.kernel();
    var found = CgroupBlocker.at(kernel, cgroup.path(), hook(program, point));
    boolean single = found.isPresent() && (found.get().flags() & AttachFlags.ALLOW_MULTI) == 0;
    if (single && found.get().programs() == 1 && found.get().first() != program.id()) {
      throw notAttached(-Errno.ENOENT);
    }
  }

  private RuntimeException notAttached(int result) {
    return Failure.of(program.kernel(), Cmd.PROG_DETACH, title())
        .hint(Errno.ENOENT, "it is not attached there, or by a link")
        .hint(Errno.EINVAL, "it is not attached there, or by a link")
        .exception(result);
  }

  private String title() {
    return switch (point) {
      case LegacyPoint.Cgroup cgroup -> program.title() + " to " + cgroup.path();
      case LegacyPoint.SocketMap(KernelMap map) -> program.title() + " to " + map.title();
    };
  }
}
