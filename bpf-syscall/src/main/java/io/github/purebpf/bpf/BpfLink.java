package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.uapi.AttachType;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Set;

/**
 * The attachment of a program.
 *
 * <p>Closing a link that is not pinned detaches the program, and so does the end of the process,
 * however it comes. A pinned link stays attached until it is unpinned or {@linkplain #detach
 * detached}.
 */
public final class BpfLink extends KernelObject {
  private BpfLink(Kernel kernel, int fd, String title) {
    super(kernel, fd, title);
  }

  static BpfLink toCgroup(Kernel kernel, BpfProgram program, AttachType type, Path path) {
    Cgroup2.require(kernel, path);
    String title = "link of " + program.title() + " to " + path;
    int cgroup = Fd.offStandardStreams(kernel, kernel.open(path));
    if (cgroup < 0) {
      throw Failure.of(kernel, "open", path.toString()).exception(cgroup);
    }
    try (var arena = Arena.ofConfined()) {
      var attr =
          BpfAttr.allocate(arena, Attr.LinkCreate.FLAGS + Integer.BYTES)
              .u32(Attr.LinkCreate.TARGET_FD, cgroup)
              .u32(Attr.LinkCreate.ATTACH_TYPE, type.value());
      int fd =
          Fd.offStandardStreams(
              kernel, program.call(Cmd.LINK_CREATE, attr, Attr.LinkCreate.PROG_FD));
      if (fd < 0) {
        throw Failure.of(kernel, Cmd.LINK_CREATE, title)
            .needs(Set.of(Capability.CAP_BPF, Capability.CAP_NET_ADMIN))
            .feature(type.kernelName(), type.since())
            .hint(
                Errno.EPERM,
                "a program attached to this cgroup or one above it without BPF_F_ALLOW_MULTI"
                    + " tolerates no other; detach it, see bpftool cgroup tree")
            .hint(Errno.EINVAL, "the program was not loaded for " + type.kernelName())
            .hint(Errno.E2BIG, "64 programs are attached there already")
            .exception(fd);
      }
      return new BpfLink(kernel, fd, title);
    } finally {
      kernel.close(cgroup);
    }
  }

  /**
   * Opens a pinned link ({@code BPF_OBJ_GET}, links since Linux 5.7).
   *
   * @throws IllegalArgumentException if another kind of object is pinned there
   * @throws KernelErrorException if nothing is pinned there (ENOENT) or it may not be opened
   *     (EACCES, EPERM)
   */
  public static BpfLink openPinned(Path path) {
    return openPinned(Kernel.running(), path);
  }

  static BpfLink openPinned(Kernel kernel, Path path) {
    return new BpfLink(kernel, openPinned(kernel, path, "bpf-link"), "link pinned at " + path);
  }

  /**
   * Puts another program in the place of the attached one, with no moment in between ({@code
   * BPF_LINK_UPDATE}, Linux 5.7).
   *
   * @param program of the same type and for the same hook
   * @throws KernelErrorException if it is for another (EINVAL), or the cgroup was removed (ENOLINK)
   */
  public void update(BpfProgram program) {
    try (var arena = Arena.ofConfined()) {
      var attr = BpfAttr.allocate(arena, Attr.LinkUpdate.OLD_PROG_FD + Integer.BYTES);
      attr.u32(Attr.LinkUpdate.NEW_PROG_FD, program.fd().acquire());
      int result;
      try {
        result = call(Cmd.LINK_UPDATE, attr, Attr.LinkUpdate.LINK_FD);
      } finally {
        program.fd().release();
      }
      if (result < 0) {
        throw Failure.of(kernel(), Cmd.LINK_UPDATE, title())
            .needs(Set.of(Capability.CAP_BPF, Capability.CAP_NET_ADMIN))
            .hint(Errno.EINVAL, program.title() + " was loaded for another hook")
            .hint(Errno.ENOLINK, "it is detached, or its cgroup was removed; attach anew")
            .exception(result);
      }
    }
  }

  /**
   * Detaches the program at once, also from a link that is pinned or open elsewhere ({@code
   * BPF_LINK_DETACH}, Linux 5.9). The link itself remains, without effect, until it is closed. A
   * second time does nothing.
   */
  public void detach() {
    try (var arena = Arena.ofConfined()) {
      var attr = BpfAttr.allocate(arena, Attr.LinkDetach.SIZE);
      int result = call(Cmd.LINK_DETACH, attr, Attr.LinkDetach.LINK_FD);
      if (result < 0) {
        throw Failure.of(kernel(), Cmd.LINK_DETACH, title()).exception(result);
      }
    }
  }

  /** Closes this process's descriptor, which detaches the program unless the link is pinned. */
  @Override
  public void close() {
    super.close();
  }
}
