package io.github.purebpf.bpf;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.query.IdSpace;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.BpfLinkInfo;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.uapi.AttachFlags;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.LinkType;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/**
 * The attachment of a program.
 *
 * <p>Closing a link that is not pinned detaches the program, and so does the end of the process,
 * however it comes. A pinned link stays attached until it is unpinned or {@linkplain #detach
 * detached}.
 */
public final class BpfLink extends KernelObject {
  /** Empty for a link that was pinned by somebody. */
  private final Optional<AttachType> attachedHook;

  private BpfLink(Kernel kernel, int fd, String title, Optional<AttachType> attachedHook) {
    super(kernel, fd, title);
    this.attachedHook = attachedHook;
  }

  /**
   * Makes a link of an attr that lacks only the program.
   *
   * @param command {@code BPF_LINK_CREATE} or {@code BPF_RAW_TRACEPOINT_OPEN}
   * @param place where to, in words
   * @param explain adds what is known about failures
   */
  static BpfLink create(
      BpfProgram program, Cmd command, BpfAttr attr, String place, UnaryOperator<Failure> explain) {
    var kernel = program.kernel();
    String title = "link of " + program.title() + " to " + place;
    int field =
        command == Cmd.LINK_CREATE ? Attr.LinkCreate.PROG_FD : Attr.RawTracepointOpen.PROG_FD;
    int fd = Fd.offStandardStreams(kernel, program.call(command, attr, field));
    if (fd < 0) {
      throw explain.apply(Failure.of(kernel, command, title)).exception(fd);
    }
    return new BpfLink(kernel, fd, title, program.attachType());
  }

  /**
   * Makes a link of a struct_ops map.
   *
   * @param explain adds what is known about failures
   */
  static BpfLink create(StructOpsMap map, BpfAttr attr, UnaryOperator<Failure> explain) {
    var kernel = map.kernel();
    String title = "link of " + map.title();
    int fd = Fd.offStandardStreams(kernel, kernel.bpf(Cmd.LINK_CREATE, attr));
    if (fd < 0) {
      throw explain.apply(Failure.of(kernel, Cmd.LINK_CREATE, title)).exception(fd);
    }
    return new BpfLink(kernel, fd, title, Optional.empty());
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
   * Opens a link by its id, whoever made it ({@code BPF_LINK_GET_FD_BY_ID}, Linux 5.8). The program
   * then stays attached until this is closed, too.
   *
   * @throws KernelErrorException if there is none (ENOENT), or it is about to be made (EAGAIN)
   * @throws MissingPrivilegeException without CAP_SYS_ADMIN
   */
  public static BpfLink openById(int id) {
    return openById(Kernel.running(), id);
  }

  static BpfLink openById(Kernel kernel, int id) {
    return new BpfLink(
        kernel, IdSpace.LINK.open(kernel, id), IdSpace.LINK.title(id), Optional.empty());
  }

  /**
   * Puts another program in the place of the attached one, with no moment in between ({@code
   * BPF_LINK_UPDATE}, Linux 5.7).
   *
   * @param program of the same type and for the same hook
   * @throws IllegalArgumentException if it is for another hook of a cgroup, which the kernel would
   *     take
   * @throws KernelErrorException if it is of another type or the kernel updates no links of this
   *     kind, as those of tracing, probes and events (EINVAL) and of netfilter (EOPNOTSUPP), or if
   *     what it was attached to has gone (ENOLINK)
   */
  public void update(BpfProgram program) {
    update(program, Optional.empty());
  }

  /**
   * The same, only if a certain program is attached now ({@code BPF_F_REPLACE}).
   *
   * @param program of the same type and for the same hook
   * @param expected the program that is to be replaced
   * @throws IllegalArgumentException as without it
   * @throws KernelErrorException as without it, and if another program is attached (EPERM)
   */
  public void update(BpfProgram program, BpfProgram expected) {
    update(program, Optional.of(expected));
  }

  private void update(BpfProgram program, Optional<BpfProgram> expected) {
    requireSameHook(program);
    try (var arena = Arena.ofConfined()) {
      var attr = BpfAttr.allocate(arena, Attr.LinkUpdate.OLD_PROG_FD + Integer.BYTES);
      int result =
          program.withFd(
              fd -> {
                attr.u32(Attr.LinkUpdate.NEW_PROG_FD, fd);
                return expected.isPresent()
                    ? expected.get().withFd(old -> replace(attr, old))
                    : call(Cmd.LINK_UPDATE, attr, Attr.LinkUpdate.LINK_FD);
              });
      if (result < 0) {
        var failure =
            Failure.of(kernel(), Cmd.LINK_UPDATE, title())
                .hint(
                    Errno.EINVAL,
                    program.title() + " is of another type, or links of this kind have no update")
                .hint(Errno.EOPNOTSUPP, "links of this kind have no update; attach anew")
                .hint(
                    Errno.ENOLINK,
                    "it is detached, or its cgroup, interface or namespace was removed; attach"
                        + " anew");
        expected.ifPresent(
            old ->
                failure.hint(
                    Errno.EPERM,
                    () ->
                        "%s is not attached any more, but program %d is"
                            .formatted(old.title(), programId())));
        throw failure.exception(result);
      }
    }
  }

  /**
   * Puts another struct of functions in the place of the attached one, with no moment in between
   * ({@code BPF_LINK_UPDATE}, Linux 6.4).
   *
   * @param map of the same struct, with all its members set
   * @throws KernelErrorException if this is no link of a struct_ops map, or one of another struct
   *     or name (EINVAL), or the kernel replaces none of them (EOPNOTSUPP)
   */
  public void update(StructOpsMap map) {
    map.prepare();
    try (var arena = Arena.ofConfined()) {
      var attr = BpfAttr.allocate(arena, Attr.LinkUpdate.OLD_MAP_FD + Integer.BYTES);
      int result =
          map.withFd(
              fd -> {
                attr.u32(Attr.LinkUpdate.NEW_MAP_FD, fd);
                return call(Cmd.LINK_UPDATE, attr, Attr.LinkUpdate.LINK_FD);
              });
      if (result < 0) {
        throw map.explainUpdate(Failure.of(kernel(), Cmd.LINK_UPDATE, title())).exception(result);
      }
    }
  }

  private int replace(BpfAttr attr, int old) {
    // The kernel ignores the old program unless the flag is set, and refuses it then.
    attr.u32(Attr.LinkUpdate.FLAGS, AttachFlags.REPLACE).u32(Attr.LinkUpdate.OLD_PROG_FD, old);
    return call(Cmd.LINK_UPDATE, attr, Attr.LinkUpdate.LINK_FD);
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
   *
   * @throws KernelErrorException if links of this kind end only when they are closed: those of
   *     tracing, probes, events and iterators (EOPNOTSUPP)
   */
  public void detach() {
    try (var arena = Arena.ofConfined()) {
      var attr = BpfAttr.allocate(arena, Attr.LinkDetach.SIZE);
      int result = call(Cmd.LINK_DETACH, attr, Attr.LinkDetach.LINK_FD);
      if (result < 0) {
        throw Failure.of(kernel(), Cmd.LINK_DETACH, title())
            .hint(
                Errno.EOPNOTSUPP,
                "links of this kind end only when they are closed, and their pins removed")
            .exception(result);
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

  /**
   * All that the kernel tells about the link ({@code BPF_OBJ_GET_INFO_BY_FD}, Linux 5.8).
   *
   * @throws UnsupportedKernelException before
   */
  public LinkInfo info() {
    return LinkInfoReader.read(this);
  }

  /**
   * Goes over what the {@link Iteration} says, once, from the beginning ({@code BPF_ITER_CREATE},
   * Linux 5.8). The program runs while the stream is read, and the stream yields what it prints
   * with {@code bpf_seq_printf} and {@code bpf_seq_write}.
   *
   * @return a stream to be closed, which may outlive the link
   * @throws KernelErrorException if it is the link of no iterator (EINVAL)
   */
  public InputStream openIterator() {
    return IteratorStream.open(this);
  }

  /** Closes this process's descriptor, which detaches the program unless the link is pinned. */
  @Override
  public void close() {
    super.close();
  }
}
