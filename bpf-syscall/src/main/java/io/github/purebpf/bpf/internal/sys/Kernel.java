package io.github.purebpf.bpf.internal.sys;

import io.github.purebpf.insn.KernelVersion;
import java.nio.file.Path;

/**
 * What this library asks of an operating system, and the seam at which a test puts its own.
 *
 * <p>A call that fails returns its errno negated, as the kernel itself does.
 */
public interface Kernel {
  /**
   * The kernel of this machine.
   *
   * @throws UnsupportedOperationException if it is not Linux, or of an architecture whose system
   *     call numbers are not known here
   */
  static Kernel running() {
    return RunningKernel.get();
  }

  /** {@code bpf(2)} with the attr's size. */
  int bpf(Cmd command, BpfAttr attr);

  /** {@code close(2)}. */
  int close(int fd);

  /** {@code fcntl(F_DUPFD_CLOEXEC, 3)}: the same file under a number of at least 3. */
  int duplicate(int fd);

  /** {@code open(2)} for reading, closed on exec. */
  int open(Path path);

  /** The magic number of the file system a path lies on ({@code statfs(2)}), as 32 bits. */
  long fileSystem(Path path);

  /** {@code fsopen(2)}: a file system about to be configured; Linux 5.2. */
  int openFileSystem(String type);

  /** {@code fsconfig(2)} with {@code FSCONFIG_CMD_CREATE}; Linux 5.2. */
  int createFileSystem(int fd);

  /** {@code fsmount(2)}: a mount that belongs to no mount namespace; Linux 5.2. */
  int mountDetached(int fd);

  /** What kind of kernel object a descriptor is: {@code anon_inode:bpf-map} and the like. */
  String kindOf(int fd);

  /** What the calling thread is allowed. */
  Privileges privileges();

  /** The release that is running. */
  KernelVersion release();
}
