package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import java.nio.file.Path;

/** A file of another kind, open for the length of one call that names it by its descriptor. */
record OpenFile(Kernel kernel, int fd, boolean owned) implements AutoCloseable {
  /** A file or directory, opened for reading. */
  static OpenFile of(Kernel kernel, Path path) {
    return of(kernel, "open", path.toString(), kernel.open(path));
  }

  static OpenFile cgroup(Kernel kernel, Path path) {
    return of(kernel, Cgroup2.require(kernel, path).path());
  }

  /** A process ({@code pidfd_open(2)}, Linux 5.3). */
  static OpenFile process(Kernel kernel, ProcessHandle process) {
    return of(kernel, "pidfd_open", "process " + process.pid(), kernel.openProcess(process.pid()));
  }

  /** A descriptor of the caller's, which stays open. */
  static OpenFile borrowed(Kernel kernel, int fd) {
    return new OpenFile(kernel, fd, false);
  }

  private static OpenFile of(Kernel kernel, String call, String object, int result) {
    int fd = Fd.offStandardStreams(kernel, result);
    if (fd < 0) {
      throw Failure.of(kernel, call, object).exception(fd);
    }
    return new OpenFile(kernel, fd, true);
  }

  @Override
  public void close() {
    if (owned) {
      kernel.close(fd);
    }
  }
}
