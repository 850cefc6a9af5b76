package io.github.purebpf.bpf;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.btf.Btf;
import java.io.IOException;
import java.nio.file.Path;

/** The types of the kernel itself. */
final class KernelBtf {
  static final Path VMLINUX = Path.of("/sys/kernel/btf/vmlinux");

  private KernelBtf() {}

  /**
   * Reads them.
   *
   * @param user what needs them, such as {@code program p calls kernel functions by name}
   * @throws KernelErrorException if the kernel has none (ENOENT)
   */
  static Btf read(Path vmlinux, String user) {
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
