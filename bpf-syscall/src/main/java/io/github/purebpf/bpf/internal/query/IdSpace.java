package io.github.purebpf.bpf.internal.query;

import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import java.lang.foreign.Arena;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/** The objects of a kind, which the kernel numbers; one attr serves all kinds. */
public enum IdSpace {
  /** Programs, Linux 4.13. */
  PROGRAM("program", Cmd.PROG_GET_NEXT_ID, Cmd.PROG_GET_FD_BY_ID),
  /** Maps, Linux 4.13. */
  MAP("map", Cmd.MAP_GET_NEXT_ID, Cmd.MAP_GET_FD_BY_ID),
  /** Type information, Linux 4.18; listed since 5.4. */
  BTF("BTF", Cmd.BTF_GET_NEXT_ID, Cmd.BTF_GET_FD_BY_ID),
  /** Links, Linux 5.8. */
  LINK("link", Cmd.LINK_GET_NEXT_ID, Cmd.LINK_GET_FD_BY_ID);

  private static final Set<Capability> NEEDED = Set.of(Capability.CAP_SYS_ADMIN);

  private final String object;
  private final Cmd next;
  private final Cmd open;

  IdSpace(String object, Cmd next, Cmd open) {
    this.object = object;
    this.next = next;
    this.open = open;
  }

  /** How messages call an object of which only the id is known. */
  public String title(int id) {
    return object + " with id " + id;
  }

  /** The ids of all objects that there are now, ascending. */
  public int[] all(Kernel kernel) {
    var ids = IntStream.builder();
    try (var arena = Arena.ofConfined()) {
      var attr = BpfAttr.allocate(arena, Attr.GetId.NEXT_ID + Integer.BYTES);
      int result = kernel.bpf(next, attr);
      while (result >= 0) {
        int id = attr.u32(Attr.GetId.NEXT_ID);
        ids.add(id);
        attr.u32(Attr.GetId.START_ID, id);
        result = kernel.bpf(next, attr);
      }
      if (result != -Errno.ENOENT) {
        throw Failure.of(kernel, next, "the list of " + object + "s")
            .needs(NEEDED)
            .exception(result);
      }
    }
    return ids.build().toArray();
  }

  /**
   * A descriptor of the object with an id; empty if there is none, because it is gone, or, for a
   * link, not attached yet.
   */
  public OptionalInt find(Kernel kernel, int id) {
    int fd = request(kernel, id);
    if (fd >= 0) {
      return OptionalInt.of(fd);
    }
    if (fd == -Errno.ENOENT || (this == LINK && fd == -Errno.EAGAIN)) {
      return OptionalInt.empty();
    }
    throw failure(kernel, id, fd);
  }

  /**
   * A descriptor of the object with an id.
   *
   * @throws io.github.purebpf.bpf.error.KernelErrorException if there is none (ENOENT)
   */
  public int open(Kernel kernel, int id) {
    int fd = request(kernel, id);
    if (fd < 0) {
      throw failure(kernel, id, fd);
    }
    return fd;
  }

  private int request(Kernel kernel, int id) {
    try (var arena = Arena.ofConfined()) {
      var attr =
          BpfAttr.allocate(arena, Attr.GetId.OPEN_FLAGS + Integer.BYTES)
              .u32(Attr.GetId.PROG_ID, id);
      return Fd.offStandardStreams(kernel, kernel.bpf(open, attr));
    }
  }

  private RuntimeException failure(Kernel kernel, int id, int result) {
    return Failure.of(kernel, open, title(id))
        .needs(NEEDED)
        .hint(Errno.ENOENT, "there is no such " + object + ", or no longer")
        .hint(Errno.EAGAIN, "it is not attached yet")
        .exception(result);
  }
}
