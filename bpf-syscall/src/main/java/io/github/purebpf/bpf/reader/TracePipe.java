package io.github.purebpf.bpf.reader;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.bpf.internal.sys.MountInfo;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Reads the lines that programs print with {@code bpf_trace_printk}, from the file {@code
 * trace_pipe} of tracefs.
 *
 * <p>The file is one for the whole machine: it has the lines of all programs and whatever else is
 * traced, and a line that one process reads is gone for all others. That is for debugging; records
 * for a program to read go through a ring buffer.
 */
public final class TracePipe implements AutoCloseable {
  private static final int CHUNK = 1 << 13;

  private final EventSource source;
  private final Kernel kernel;
  private final int fd;
  private final MemorySegment chunk = Arena.ofAuto().allocate(CHUNK);

  /** What of the chunk was read and not yet looked at. */
  private int next;

  private int end;

  /** The beginning of a line whose end was not read yet. */
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  private TracePipe(EventSource source, Kernel kernel, int fd) {
    this.source = source;
    this.kernel = kernel;
    this.fd = fd;
  }

  /**
   * Opens it where tracefs is mounted, by itself or in debugfs.
   *
   * @throws IllegalStateException if it is mounted nowhere; the message says how to
   * @throws KernelErrorException if it may not be read (EACCES)
   */
  public static TracePipe open() {
    return open(
        Stream.concat(
                MountInfo.mountPoints("tracefs").stream(),
                MountInfo.mountPoints("debugfs").stream().map(path -> path.resolve("tracing")))
            .filter(directory -> Files.exists(directory.resolve("trace_pipe")))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "tracefs is not mounted, or not readable: as root,"
                            + " mount -t tracefs tracefs /sys/kernel/tracing")));
  }

  /**
   * Opens it in a directory that tracefs is mounted on, or an instance of it.
   *
   * @throws KernelErrorException if it is not there (ENOENT) or may not be read (EACCES)
   */
  public static TracePipe open(Path tracefs) {
    return open(Kernel.running(), tracefs);
  }

  static TracePipe open(Kernel kernel, Path tracefs) {
    Path file = tracefs.resolve("trace_pipe");
    int opened = kernel.openNonBlocking(file);
    if (opened < 0) {
      throw Failure.of(kernel, "open", file.toString())
          .hint(Errno.ENOENT, "tracefs is not mounted there")
          .hint(Errno.EACCES, "only root may read it, unless its owner says otherwise")
          .exception(opened);
    }
    var parts = new Parts(kernel, "reader of " + file);
    try {
      int fd = parts.descriptor("open", opened);
      return new TracePipe(new EventSource(parts, Waiting.forReading(parts, fd)), kernel, fd);
    } catch (RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  /**
   * Gives the action the lines that are there; if there is none, waits for some. A line tells the
   * task, the CPU, flags, the time and what the program printed; its end is cut off.
   *
   * <p>An interrupt ends the wait; the thread stays interrupted.
   *
   * @param atMost how long to wait
   * @param action what to do with each; what it throws ends the call, and the line counts as read
   * @return how many lines; 0 if there was none in the time; -1 if the reader is closed
   * @throws IllegalStateException if another thread is reading, or the action calls this
   */
  public int poll(Duration atMost, Consumer<? super String> action) {
    Objects.requireNonNull(action, "action");
    return source.poll(atMost, () -> take(action));
  }

  private int take(Consumer<? super String> action) {
    if (next == end) {
      int result = kernel.read(fd, chunk);
      if (result < 0 && result != -Errno.EAGAIN && result != -Errno.EINTR) {
        throw Failure.of(kernel, "read", source.toString()).exception(result);
      }
      next = 0;
      end = Math.max(0, result);
    }
    int lines = 0;
    while (next < end && !source.isClosed()) {
      byte value = chunk.get(JAVA_BYTE, next++);
      if (value != '\n') {
        line.write(value);
        continue;
      }
      String text = line.toString(StandardCharsets.UTF_8);
      line.reset();
      lines++;
      action.accept(text);
    }
    return lines;
  }

  /** Whether {@link #close} was called. */
  public boolean isClosed() {
    return source.isClosed();
  }

  /** Wakes the thread that reads, and closes the file. */
  @Override
  public void close() {
    source.close();
  }

  @Override
  public String toString() {
    return source.toString();
  }
}
