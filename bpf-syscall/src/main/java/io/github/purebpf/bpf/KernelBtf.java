package io.github.purebpf.bpf;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.BpfBtfInfo;
import io.github.purebpf.bpf.internal.sys.BpfProgInfo;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.btf.Btf;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.SoftReference;
import java.nio.file.Path;

/** Type information that the kernel holds: of itself, and of the programs it was given. */
final class KernelBtf {
  static final Path VMLINUX = Path.of("/sys/kernel/btf/vmlinux");

  /**
   * The kernel's own types, which stay the same while it runs; they are given up when memory is
   * short.
   */
  private static volatile SoftReference<Btf> running = new SoftReference<>(null);

  private KernelBtf() {}

  /** The types of a program: those of its functions, which its source info told. */
  static Btf of(BpfProgram program) {
    try (var arena = Arena.ofConfined()) {
      int id =
          program
              .info(arena, BpfProgInfo.BTF_ID + Integer.BYTES)
              .get(ValueLayout.JAVA_INT, BpfProgInfo.BTF_ID);
      if (id == 0) {
        throw new IllegalArgumentException(
            program.title() + " was loaded without source info, so that it has no named functions");
      }
      return byId(program.kernel(), id);
    }
  }

  /** The types of an id, without those of the kernel that they may build on. */
  private static Btf byId(Kernel kernel, int id) {
    int fd = open(kernel, id);
    if (fd < 0) {
      throw Failure.of(kernel, Cmd.BTF_GET_FD_BY_ID, "BTF " + id).exception(fd);
    }
    try {
      return Btf.parse(bytes(kernel, fd));
    } finally {
      kernel.close(fd);
    }
  }

  /** A descriptor of the types of an id, or a negated errno. */
  static int open(Kernel kernel, int id) {
    try (var arena = Arena.ofConfined()) {
      var open =
          BpfAttr.allocate(arena, Attr.GetId.OPEN_FLAGS + Integer.BYTES).u32(Attr.GetId.BTF_ID, id);
      return Fd.offStandardStreams(kernel, kernel.bpf(Cmd.BTF_GET_FD_BY_ID, open));
    }
  }

  /** The bytes of the types behind a descriptor. */
  static byte[] bytes(Kernel kernel, int fd) {
    try (var arena = Arena.ofConfined()) {
      var info = arena.allocate(BpfBtfInfo.SIZE, 8);
      requestInfo(kernel, fd, info);
      var types = arena.allocate(info.get(ValueLayout.JAVA_INT, BpfBtfInfo.BTF_SIZE), 8);
      info.fill((byte) 0);
      info.set(ValueLayout.JAVA_LONG, BpfBtfInfo.BTF, types.address());
      info.set(ValueLayout.JAVA_INT, BpfBtfInfo.BTF_SIZE, (int) types.byteSize());
      requestInfo(kernel, fd, info);
      return types.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /** Fills a {@code struct bpf_btf_info}. */
  static void requestInfo(Kernel kernel, int fd, MemorySegment info) {
    try (var arena = Arena.ofConfined()) {
      var attr =
          BpfAttr.allocate(arena, Attr.ObjInfo.SIZE)
              .u32(Attr.ObjInfo.BPF_FD, fd)
              .u32(Attr.ObjInfo.INFO_LEN, (int) info.byteSize())
              .pointer(Attr.ObjInfo.INFO, info);
      int result = kernel.bpf(Cmd.OBJ_GET_INFO_BY_FD, attr);
      if (result < 0) {
        throw Failure.of(kernel, Cmd.OBJ_GET_INFO_BY_FD, "BTF").exception(result);
      }
    }
  }

  /**
   * Reads those of the kernel itself.
   *
   * @param user what needs them, such as {@code program p calls kernel functions by name}
   * @throws KernelErrorException if the kernel has none (ENOENT)
   */
  static Btf read(Path vmlinux, String user) {
    if (!vmlinux.equals(VMLINUX)) {
      return parse(vmlinux, user);
    }
    var known = running.get();
    if (known == null) {
      known = parse(vmlinux, user);
      running = new SoftReference<>(known);
    }
    return known;
  }

  private static Btf parse(Path vmlinux, String user) {
    try {
      return Btf.read(vmlinux);
    } catch (IOException e) {
      var unreadable =
          new KernelErrorException(
              "%s, and %s cannot be read: the kernel needs CONFIG_DEBUG_INFO_BTF and sysfs to be"
                      .formatted(user, vmlinux)
                  + " mounted",
              Cmd.PROG_LOAD.kernelName(),
              Errno.ENOENT);
      unreadable.initCause(e);
      throw unreadable;
    }
  }
}
