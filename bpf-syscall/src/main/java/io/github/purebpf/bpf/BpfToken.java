package io.github.purebpf.bpf;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.uapi.MapFlags;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/**
 * Privileges for BPF that were delegated to the user namespace of this process, as to a container
 * without root. Somebody with CAP_SYS_ADMIN in the initial user namespace has set up a BPF file
 * system for this namespace with the options {@code delegate_cmds}, {@code delegate_maps}, {@code
 * delegate_progs} and {@code delegate_attachs}; a token made from it allows the commands and types
 * that these list, to a process that has CAP_BPF, and for programs of the network CAP_NET_ADMIN, in
 * the namespace.
 *
 * <p>Maps take it by {@link MapOption#token}, programs by {@link LoadOptions#withToken}.
 *
 * <p>All methods may be called from any thread. Maps and programs do not need the token any more
 * once they are made.
 */
public final class BpfToken implements AutoCloseable {
  /** In the flags of maps, programs and type information alike. */
  static final int FLAG = MapFlags.TOKEN_FD;

  private final Fd fd;

  private BpfToken(Fd fd) {
    this.fd = fd;
  }

  /**
   * Makes a token ({@code BPF_TOKEN_CREATE}, Linux 6.9).
   *
   * @param bpfFs where the BPF file system is mounted: its root directory
   * @throws IllegalArgumentException if the path is on no BPF file system
   * @throws KernelErrorException if this process is in the initial user namespace, where the
   *     capabilities themselves count (EOPNOTSUPP); if the file system was made for another user
   *     namespace, or CAP_BPF is missing in this one (EPERM); if it delegates nothing (ENOENT); if
   *     the path is not its root (EINVAL)
   * @throws UnsupportedKernelException before Linux 6.9
   */
  public static BpfToken create(Path bpfFs) {
    return create(Kernel.running(), bpfFs);
  }

  static BpfToken create(Kernel kernel, Path bpfFs) {
    BpfFs.require(kernel, bpfFs);
    int directory = Fd.offStandardStreams(kernel, kernel.open(bpfFs));
    if (directory < 0) {
      throw Failure.of(kernel, "open", bpfFs.toString()).exception(directory);
    }
    try (var arena = Arena.ofConfined()) {
      var attr =
          BpfAttr.allocate(arena, Attr.TokenCreate.SIZE).u32(Attr.TokenCreate.BPFFS_FD, directory);
      int result = Fd.offStandardStreams(kernel, kernel.bpf(Cmd.TOKEN_CREATE, attr));
      if (result < 0) {
        throw Failure.of(kernel, Cmd.TOKEN_CREATE, bpfFs.toString())
            .hint(
                Errno.EOPNOTSUPP,
                "this process is in the initial user namespace, where there are no tokens: what"
                    + " counts here are the capabilities themselves")
            .hint(
                Errno.EPERM,
                "the file system was made for another user namespace, or CAP_BPF is missing in"
                    + " this one")
            .hint(
                Errno.ENOENT,
                "the file system delegates nothing; mount it with delegate_cmds and the like")
            .hint(Errno.EINVAL, "it is not the root of its file system")
            .exception(result);
      }
      return new BpfToken(new Fd(kernel, result, "BPF token of " + bpfFs));
    } finally {
      kernel.close(directory);
    }
  }

  /** A call with its descriptor, or with 0 for no token. */
  static <T> T using(BpfToken token, Use<T> use) {
    if (token == null) {
      return use.with(0);
    }
    int number = token.fd.acquire();
    try {
      return use.with(number);
    } finally {
      token.fd.release();
    }
  }

  /** What is done with a token. */
  interface Use<T> {
    /**
     * Does it.
     *
     * @param fd the descriptor of a token, or 0
     */
    T with(int fd);
  }

  /**
   * What EPERM means where a token was given.
   *
   * @param options what its file system delegates it by
   */
  static Failure explain(Failure failure, String options) {
    return failure
        .hint(
            Errno.EPERM,
            "the token does not allow it: look at "
                + options
                + " of its file system (mount -t bpf), and at the capabilities in this user"
                + " namespace")
        .feature("BPF tokens", Cmd.TOKEN_CREATE.since());
  }

  /** Closes it. What was made with it stays. */
  @Override
  public void close() {
    fd.close();
  }

  @Override
  public String toString() {
    return fd.toString();
  }
}
