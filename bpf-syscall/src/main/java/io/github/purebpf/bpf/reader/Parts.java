package io.github.purebpf.bpf.reader;

import io.github.purebpf.bpf.KernelObject;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.bpf.internal.sys.Mapping;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;

/** The descriptors and mappings of one reader, closed together, the last one first. */
final class Parts implements AutoCloseable {
  private final Kernel kernel;
  private final String owner;
  private final Deque<Runnable> closings = new ArrayDeque<>();

  /** Of a reader that messages call so. */
  Parts(Kernel kernel, String owner) {
    this.kernel = kernel;
    this.owner = owner;
  }

  Kernel kernel() {
    return kernel;
  }

  /** Something else to be done at the end. */
  void atEnd(Runnable closing) {
    closings.push(closing);
  }

  /** Takes over a descriptor; what a system call returned that makes one. */
  int descriptor(String call, int result) {
    int fd = Fd.offStandardStreams(kernel, result);
    if (fd < 0) {
      throw Failure.of(kernel, call, owner).exception(fd);
    }
    var owned = new Fd(kernel, fd, owner);
    atEnd(owned::close);
    return fd;
  }

  /** A descriptor of the reader's own of a kernel object. */
  int duplicate(KernelObject object) {
    return descriptor("fcntl", object.withFd(kernel::duplicate));
  }

  /** Memory of a file. */
  MemorySegment map(int fd, long offset, long length, boolean writable) {
    long address = kernel.map(fd, offset, length, writable);
    if (address < 0) {
      throw Failure.of(kernel, "mmap", owner).exception((int) address);
    }
    var mapping = new Mapping(kernel, address, length);
    atEnd(mapping::close);
    return mapping.memory();
  }

  @Override
  public void close() {
    RuntimeException first = null;
    while (!closings.isEmpty()) {
      try {
        closings.pop().run();
      } catch (RuntimeException e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }

  @Override
  public String toString() {
    return owner;
  }
}
