package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/** What an iterator prints while it is read. */
final class IteratorStream extends InputStream {
  /** What the kernel keeps for a reader; it never hands out more at once. */
  private static final int CHUNK = 32 * 1024;

  private final Kernel kernel;
  private final Fd fd;
  private final String title;

  private IteratorStream(Kernel kernel, int fd, String title) {
    this.kernel = kernel;
    this.fd = new Fd(kernel, fd, title);
    this.title = title;
  }

  static IteratorStream open(BpfLink link) {
    var kernel = link.kernel();
    try (var arena = Arena.ofConfined()) {
      var attr = BpfAttr.allocate(arena, Attr.IterCreate.SIZE);
      int fd =
          Fd.offStandardStreams(kernel, link.call(Cmd.ITER_CREATE, attr, Attr.IterCreate.LINK_FD));
      if (fd < 0) {
        throw Failure.of(kernel, Cmd.ITER_CREATE, link.title())
            .hint(Errno.EINVAL, "it is not the link of an iterator")
            .exception(fd);
      }
      return new IteratorStream(kernel, fd, "iterator of " + link.title());
    }
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, to.length);
    if (length == 0) {
      return 0;
    }
    try (var arena = Arena.ofConfined()) {
      var chunk = arena.allocate(Math.min(length, CHUNK));
      int count = read(chunk);
      MemorySegment.copy(chunk, ValueLayout.JAVA_BYTE, 0, to, offset, Math.max(count, 0));
      return count == 0 ? -1 : count;
    }
  }

  private int read(MemorySegment chunk) throws IOException {
    int number = fd.acquire();
    try {
      int count;
      do {
        count = kernel.read(number, chunk);
        // After a million elements that print nothing the kernel takes a breath with EAGAIN.
      } while (count == -Errno.EAGAIN || count == -Errno.EINTR);
      if (count < 0) {
        throw new IOException(Failure.of(kernel, "read", title).exception(count));
      }
      return count;
    } finally {
      fd.release();
    }
  }

  @Override
  public void close() {
    fd.close();
  }
}
