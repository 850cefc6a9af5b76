package io.github.purebpf.bpf;

import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.BpfLinkInfo;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.LinkType;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The attachment of a program.
 *
 * <p>Closing a link that is not pinned detaches the program, and so does the end of the process,
 * however it comes. A pinned link stays attached until it is unpinned or {@linkplain #detach
 * detached}.
 */
public final class BpfLink extends KernelObject {
  private static final KernelVersion HOLDERS_MAY_ATTACH = new KernelVersion(5, 8);

  /** Empty for a link that was pinned by somebody. */
  private final Optional<AttachType> attachedHook;

  private BpfLink(Kernel kernel, int fd, String title, Optional<AttachType> attachedHook) {
    super(kernel, fd, title);
    this.attachedHook = attachedHook;
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
            .needs(neededToAttach(kernel, type))
            .feature(type.kernelName(), type.since())
            .hint(Errno.EPERM, () -> CgroupBlocker.explain(kernel, path, type))
            .hint(Errno.EINVAL, "the program was not loaded for " + type.kernelName())
            .hint(Errno.E2BIG, "64 programs are attached there already")
            .exception(fd);
      }
      return new BpfLink(kernel, fd, title, Optional.of(type));
    } finally {
      kernel.close(cgroup);
    }
  }

  /** Whoever holds a program may attach it, but for the traffic of others. */
  private static Set<Capability> neededToAttach(Kernel kernel, AttachType type) {
    boolean packets =
        type == AttachType.CGROUP_INET_INGRESS || type == AttachType.CGROUP_INET_EGRESS;
    return packets || kernel.release().compareTo(HOLDERS_MAY_ATTACH) < 0
        ? Set.of(Capability.CAP_NET_ADMIN)
        : Set.of();
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
    int fd = openPinned(kernel, path, "bpf-link");
    return new BpfLink(kernel, fd, "link pinned at " + path, Optional.empty());
  }

  /**
   * Puts another program in the place of the attached one, with no moment in between ({@code
   * BPF_LINK_UPDATE}, Linux 5.7).
   *
   * @param program of the same type and for the same hook
   * @throws IllegalArgumentException if it is for another hook of a cgroup, which the kernel would
   *     take
   * @throws KernelErrorException if it is of another type (EINVAL), or the cgroup was removed
   *     (ENOLINK)
   */
  public void update(BpfProgram program) {
    requireSameHook(program);
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
            .hint(Errno.EINVAL, program.title() + " is of another type")
            .hint(Errno.ENOLINK, "it is detached, or its cgroup was removed; attach anew")
            .exception(result);
      }
    }
  }

  private void requireSameHook(BpfProgram program) {
    var hook = attachedHook.or(this::hookInTheKernel);
    if (hook.isPresent() && !hook.equals(program.attachType())) {
      throw new IllegalArgumentException(
          "%s was loaded for %s, and the %s is for %s"
              .formatted(
                  program.title(),
                  program.attachType().map(AttachType::kernelName).orElse("no hook"),
                  title(),
                  hook.get().kernelName()));
    }
  }

  private Optional<AttachType> hookInTheKernel() {
    try (var arena = Arena.ofConfined()) {
      var info = info(arena, BpfLinkInfo.CGROUP_ATTACH_TYPE + Integer.BYTES);
      return info.get(ValueLayout.JAVA_INT, BpfLinkInfo.TYPE) == LinkType.CGROUP.value()
          ? AttachType.byValue(info.get(ValueLayout.JAVA_INT, BpfLinkInfo.CGROUP_ATTACH_TYPE))
          : Optional.empty();
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

  /** The {@linkplain #id id} of the program that is attached now; Linux 5.8. */
  public int programId() {
    try (var arena = Arena.ofConfined()) {
      return info(arena, BpfLinkInfo.PROG_ID + Integer.BYTES)
          .get(ValueLayout.JAVA_INT, BpfLinkInfo.PROG_ID);
    }
  }

  /**
   * The cgroup it is attached to, by the number that its directory has as an inode; empty once it
   * is detached or the cgroup has been removed. Linux 5.8.
   */
  public OptionalLong cgroupId() {
    try (var arena = Arena.ofConfined()) {
      long id =
          info(arena, BpfLinkInfo.CGROUP_CGROUP_ID + Long.BYTES)
              .get(ValueLayout.JAVA_LONG, BpfLinkInfo.CGROUP_CGROUP_ID);
      return id == 0 ? OptionalLong.empty() : OptionalLong.of(id);
    }
  }

  /** Closes this process's descriptor, which detaches the program unless the link is pinned. */
  @Override
  public void close() {
    super.close();
  }
}
