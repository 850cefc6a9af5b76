package io.github.purebpf.bpf.inspect;

import io.github.purebpf.bpf.BpfLink;
import io.github.purebpf.bpf.LinkInfo;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.internal.query.IdSpace;
import io.github.purebpf.bpf.internal.query.KernelTypes;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.btf.Btf;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * All objects in the kernel, whoever made them, by their ids.
 *
 * <p>A walk lists the ids at once, ascending, and then asks about each object when the stream comes
 * to it. One that is gone by then is left out, and one made after the call is not there. Nothing is
 * held open from one object to the next, so a stream need not be closed or drawn to its end.
 *
 * <p>All of this needs CAP_SYS_ADMIN.
 */
public final class KernelObjects {
  private KernelObjects() {}

  /**
   * All programs ({@code BPF_PROG_GET_NEXT_ID}, Linux 4.13).
   *
   * @throws MissingPrivilegeException without CAP_SYS_ADMIN
   */
  public static Stream<ProgramInfo> programs() {
    return programs(Kernel.running());
  }

  static Stream<ProgramInfo> programs(Kernel kernel) {
    var bootTime = kernel.bootTime();
    return walk(
        kernel, IdSpace.PROGRAM, (fd, title) -> ProgramInfo.read(kernel, fd, title, bootTime));
  }

  /**
   * The program with an id; empty if there is none ({@code BPF_PROG_GET_FD_BY_ID}, Linux 4.13).
   *
   * @throws MissingPrivilegeException without CAP_SYS_ADMIN
   */
  public static Optional<ProgramInfo> program(int id) {
    return program(Kernel.running(), id);
  }

  static Optional<ProgramInfo> program(Kernel kernel, int id) {
    return find(
        kernel,
        IdSpace.PROGRAM,
        id,
        (fd, title) -> ProgramInfo.read(kernel, fd, title, kernel.bootTime()));
  }

  /**
   * The code of the program with an id; empty if there is none.
   *
   * @throws MissingPrivilegeException without CAP_SYS_ADMIN
   * @throws KernelErrorException as {@link XlatedCode#of} does
   */
  public static Optional<XlatedCode> code(int programId) {
    return code(Kernel.running(), programId);
  }

  static Optional<XlatedCode> code(Kernel kernel, int programId) {
    return find(
        kernel,
        IdSpace.PROGRAM,
        programId,
        (fd, title) -> new XlatedReader(kernel, fd, title).read());
  }

  /**
   * All maps ({@code BPF_MAP_GET_NEXT_ID}, Linux 4.13).
   *
   * @throws MissingPrivilegeException without CAP_SYS_ADMIN
   */
  public static Stream<MapInfo> maps() {
    return maps(Kernel.running());
  }

  static Stream<MapInfo> maps(Kernel kernel) {
    return walk(kernel, IdSpace.MAP, (fd, title) -> MapInfo.read(kernel, fd, title));
  }

  /**
   * The map with an id; empty if there is none ({@code BPF_MAP_GET_FD_BY_ID}, Linux 4.13).
   *
   * @throws MissingPrivilegeException without CAP_SYS_ADMIN
   */
  public static Optional<MapInfo> map(int id) {
    return map(Kernel.running(), id);
  }

  static Optional<MapInfo> map(Kernel kernel, int id) {
    return find(kernel, IdSpace.MAP, id, (fd, title) -> MapInfo.read(kernel, fd, title));
  }

  /**
   * All links ({@code BPF_LINK_GET_NEXT_ID}, Linux 5.8). Those that are about to be made are left
   * out.
   *
   * @throws MissingPrivilegeException without CAP_SYS_ADMIN
   */
  public static Stream<LinkInfo> links() {
    return links(Kernel.running());
  }

  static Stream<LinkInfo> links(Kernel kernel) {
    return IntStream.of(IdSpace.LINK.all(kernel))
        .mapToObj(KernelObjects::link)
        .flatMap(Optional::stream);
  }

  /**
   * The link with an id; empty if there is none ({@code BPF_LINK_GET_FD_BY_ID}, Linux 5.8).
   *
   * @throws MissingPrivilegeException without CAP_SYS_ADMIN
   */
  public static Optional<LinkInfo> link(int id) {
    try (var link = BpfLink.openById(id)) {
      return Optional.of(link.info());
    } catch (KernelErrorException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.EAGAIN) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * All type information ({@code BPF_BTF_GET_NEXT_ID}, Linux 5.4): of the kernel, of modules, of
   * programs and maps.
   *
   * @throws MissingPrivilegeException without CAP_SYS_ADMIN
   */
  public static Stream<BtfInfo> btfs() {
    return btfs(Kernel.running());
  }

  static Stream<BtfInfo> btfs(Kernel kernel) {
    return walk(kernel, IdSpace.BTF, (fd, title) -> BtfInfo.read(kernel, fd, title));
  }

  /**
   * The type information with an id; empty if there is none ({@code BPF_BTF_GET_FD_BY_ID}, Linux
   * 4.18).
   *
   * @throws MissingPrivilegeException without CAP_SYS_ADMIN
   */
  public static Optional<BtfInfo> btf(int id) {
    return btf(Kernel.running(), id);
  }

  static Optional<BtfInfo> btf(Kernel kernel, int id) {
    return find(kernel, IdSpace.BTF, id, (fd, title) -> BtfInfo.read(kernel, fd, title));
  }

  /**
   * The types of an id. Those of a module continue the kernel's own, which are read with them.
   *
   * @throws KernelErrorException if there is none (ENOENT)
   * @throws MissingPrivilegeException without CAP_SYS_ADMIN
   */
  public static Btf types(int btfId) {
    return KernelTypes.read(Kernel.running(), btfId);
  }

  private interface Reader<T> {
    T read(int fd, String title);
  }

  private static <T> Stream<T> walk(Kernel kernel, IdSpace space, Reader<T> reader) {
    return IntStream.of(space.all(kernel))
        .mapToObj(id -> find(kernel, space, id, reader))
        .flatMap(Optional::stream);
  }

  private static <T> Optional<T> find(Kernel kernel, IdSpace space, int id, Reader<T> reader) {
    var fd = space.find(kernel, id);
    if (fd.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(reader.read(fd.getAsInt(), space.title(id)));
    } finally {
      kernel.close(fd.getAsInt());
    }
  }
}
