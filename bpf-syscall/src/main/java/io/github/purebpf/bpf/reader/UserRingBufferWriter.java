package io.github.purebpf.bpf.reader;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.purebpf.bpf.UserRingBuffer;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.sys.Kernel;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;

/**
 * Writes records to a {@linkplain UserRingBuffer user ring buffer}, from which a program takes them
 * with {@code bpf_user_ringbuf_drain} whenever it runs; writing does not run it.
 *
 * <p>One thread at a time may write; any thread may {@linkplain #close close}. A ring has one
 * position of its writer, which all processes share: only one may write.
 */
public final class UserRingBufferWriter implements AutoCloseable {
  private static final VarHandle POSITION = JAVA_LONG.varHandle();

  private final EventSource source;
  private final MemorySegment consumer;
  private final MemorySegment producer;
  private final MemorySegment data;
  private final long size;

  private UserRingBufferWriter(
      EventSource source, MemorySegment consumer, MemorySegment producer, MemorySegment data) {
    this.source = source;
    this.consumer = consumer;
    this.producer = producer;
    this.data = data;
    this.size = data.byteSize() / 2;
  }

  /**
   * Begins to write behind what was written before. The map may be closed meanwhile; the writer has
   * a descriptor of its own.
   *
   * @throws KernelErrorException if there are too many open files (EMFILE) or mappings (ENOMEM)
   */
  public static UserRingBufferWriter open(UserRingBuffer ring) {
    return open(Kernel.running(), ring);
  }

  static UserRingBufferWriter open(Kernel kernel, UserRingBuffer ring) {
    var parts = new Parts(kernel, "writer of map " + ring.name());
    try {
      int fd = parts.duplicate(ring);
      int page = kernel.pageSize();
      // The position of programs may only be read.
      var consumer = parts.map(fd, 0, page, false);
      var rest = parts.map(fd, page, page + 2L * ring.size(), true);
      var source = new EventSource(parts, Waiting.forWriting(parts, fd));
      return new UserRingBufferWriter(source, consumer, rest.asSlice(0, page), rest.asSlice(page));
    } catch (RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  /**
   * Writes a record, if there is room.
   *
   * @param length its bytes, at most eight less than the ring has
   * @param writer writes them where programs will read them
   * @return false if there is no room now
   * @throws IllegalArgumentException if the ring could never hold it
   * @throws IllegalStateException if the writer is closed, or another thread is writing
   */
  public boolean write(int length, RecordWriter writer) {
    return write(Duration.ZERO, length, writer);
  }

  /**
   * Writes a record as soon as there is room. An interrupt ends the wait; the thread stays
   * interrupted.
   *
   * @param atMost how long to wait for a program to take others out
   * @param length its bytes, at most eight less than the ring has
   * @param writer writes them where programs will read them
   * @return false if there was no room in the time
   * @throws IllegalArgumentException if the ring could never hold it
   * @throws IllegalStateException if the writer is closed, or another thread is writing
   */
  public boolean write(Duration atMost, int length, RecordWriter writer) {
    Objects.requireNonNull(writer, "writer");
    if (length < 0 || RingConsumer.room(length) > size) {
      throw new IllegalArgumentException(
          "%s: a record of %d bytes; the ring has %d, eight of which are a header"
              .formatted(source, length, size));
    }
    int written = source.poll(atMost, () -> tryWrite(length, writer) ? 1 : 0);
    if (written == EventSource.CLOSED) {
      throw new IllegalStateException(source + " is closed");
    }
    return written == 1;
  }

  /**
   * Writes a record of these bytes, if there is room.
   *
   * @return false if there is no room now
   * @throws IllegalArgumentException if the ring could never hold it
   * @throws IllegalStateException if the writer is closed, or another thread is writing
   */
  public boolean write(byte[] record) {
    return write(
        record.length,
        (memory, offset, length) ->
            MemorySegment.copy(record, 0, memory, JAVA_BYTE, offset, length));
  }

  private boolean tryWrite(int length, RecordWriter writer) {
    // Acquire: programs have read what they give back before it is written over.
    long taken = (long) POSITION.getAcquire(consumer, 0L);
    long position = (long) POSITION.getAcquire(producer, 0L);
    long room = RingConsumer.room(length);
    if (size - (position - taken) < room) {
      return false;
    }
    long at = position & (size - 1);
    writer.write(data, at + RingConsumer.HEADER, length);
    data.set(JAVA_INT, at, length);
    data.set(JAVA_INT, at + Integer.BYTES, 0);
    // Release: the record is there before programs see the position behind it.
    POSITION.setRelease(producer, 0L, position + room);
    return true;
  }

  /**
   * The bytes that no program has taken yet, with eight for each header.
   *
   * @throws IllegalStateException if the writer is closed
   */
  public long backlog() {
    try {
      long from = (long) POSITION.getAcquire(consumer, 0L);
      return Math.min((long) POSITION.getAcquire(producer, 0L) - from, size);
    } catch (IllegalStateException e) {
      throw new IllegalStateException(source + " is closed", e);
    }
  }

  /** Whether {@link #close} was called. */
  public boolean isClosed() {
    return source.isClosed();
  }

  /**
   * Wakes the thread that waits for room and gives back memory and descriptors. What was written
   * stays for programs.
   */
  @Override
  public void close() {
    source.close();
  }

  @Override
  public String toString() {
    return source.toString();
  }
}
