package io.github.purebpf.bpf.reader;

import io.github.purebpf.bpf.RingBuffer;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.sys.Kernel;
import java.time.Duration;
import java.util.Objects;

/**
 * Reads a {@linkplain RingBuffer ring buffer} where the kernel wrote it: nothing is copied, and
 * nothing is allocated for a record.
 *
 * <p>One thread at a time may read; any thread may {@linkplain #close close} and ask for figures. A
 * ring has one position of its reader, which all processes share: two readers of one ring take each
 * other's records away.
 */
public final class RingBufferReader implements AutoCloseable {
  private final RingConsumer ring;
  private final EventSource source;

  private RingBufferReader(RingConsumer ring, EventSource source) {
    this.ring = ring;
    this.source = source;
  }

  /**
   * Begins to read behind what was read before, giving room back behind each record. The ring
   * buffer may be closed meanwhile; the reader has a descriptor of its own.
   *
   * @throws KernelErrorException if there are too many open files (EMFILE) or mappings (ENOMEM)
   */
  public static RingBufferReader open(RingBuffer ring) {
    return open(ring, Publish.EACH_RECORD);
  }

  /**
   * The same.
   *
   * @param publish when room is given back
   */
  public static RingBufferReader open(RingBuffer ring, Publish publish) {
    return open(Kernel.running(), ring, publish);
  }

  static RingBufferReader open(Kernel kernel, RingBuffer ring, Publish publish) {
    Objects.requireNonNull(publish, "publish");
    String title = "reader of map " + ring.name();
    var parts = new Parts(kernel, title);
    try {
      int fd = parts.duplicate(ring);
      int page = kernel.pageSize();
      // The kernel lets only the reader's own page be mapped for writing.
      var consumer = parts.map(fd, 0, page, true);
      var rest = parts.map(fd, page, page + 2L * ring.size(), false);
      var memory = new RingConsumer(consumer, rest.asSlice(0, page), rest.asSlice(page), publish);
      return new RingBufferReader(memory, new EventSource(parts, Waiting.forReading(parts, fd)));
    } catch (RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  /**
   * Gives the handler the records that are there; if there is none, waits for some.
   *
   * <p>An interrupt ends the wait; the thread stays interrupted.
   *
   * @param atMost how long to wait
   * @param handler what to do with each; what it throws ends the call, and the record counts as
   *     handled
   * @return how many records were handled; 0 if there was none in the time; -1 if the reader is
   *     closed
   * @throws IllegalStateException if another thread is reading, or the handler calls this
   */
  public int poll(Duration atMost, RecordHandler handler) {
    Objects.requireNonNull(handler, "handler");
    return source.poll(atMost, () -> ring.drain(handler));
  }

  /**
   * Gives the handler the records that are there, without waiting.
   *
   * @return how many; -1 if the reader is closed
   * @throws IllegalStateException if another thread is reading, or the handler calls this
   */
  public int drain(RecordHandler handler) {
    Objects.requireNonNull(handler, "handler");
    if (!source.enter()) {
      return EventSource.CLOSED;
    }
    try {
      return ring.drain(handler);
    } finally {
      source.leave();
    }
  }

  /**
   * The bytes in the ring that programs have reserved and that were not yet given back, with eight
   * for each header.
   *
   * @throws IllegalStateException if the reader is closed
   */
  public long backlog() {
    try {
      return ring.backlog();
    } catch (IllegalStateException e) {
      throw new IllegalStateException(source + " is closed", e);
    }
  }

  /** What the reader has seen so far. */
  public RingBufferFigures figures() {
    return ring.figures();
  }

  /** Whether {@link #close} was called. */
  public boolean isClosed() {
    return source.isClosed();
  }

  /**
   * Wakes the thread that reads, which returns behind the record it is at, and gives back memory
   * and descriptors with it. Records that are left stay in the ring for the next reader.
   */
  @Override
  public void close() {
    ring.stop();
    source.close();
  }

  @Override
  public String toString() {
    return source.toString();
  }
}
