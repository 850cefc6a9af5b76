package io.github.purebpf.bpf.reader;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * The reader's side of a ring in memory.
 *
 * <p>Positions count bytes since the ring was made and never go back; masked they are places in the
 * ring. A record is a header of eight bytes and its bytes; the length in the header carries BUSY
 * until the program is done with the record. The ring's pages follow one another twice, so that a
 * record that wraps is in one piece.
 */
final class RingConsumer {
  static final int HEADER = 8;
  static final int BUSY = 1 << 31;
  static final int DISCARD = 1 << 30;

  private static final VarHandle LENGTH = JAVA_INT.varHandle();
  private static final VarHandle POSITION = JAVA_LONG.varHandle();

  /**
   * The memory of this process. What is read in each record is read through this: as it is a
   * constant, its bounds and its lifetime cost nothing. That is safe for positions that are masked,
   * while the ring is mapped, as it is while somebody drains it.
   */
  @SuppressWarnings("restricted")
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private final MemorySegment consumer;
  private final MemorySegment producer;
  private final MemorySegment data;
  private final long mask;
  private final Publish publish;

  private long consumed;
  private volatile boolean stopped;

  private volatile long records;
  private volatile long discarded;
  private volatile long highestBacklog;

  /**
   * The ring in mapped memory.
   *
   * @param consumer the reader's position, writable
   * @param producer the programs' position, which begins the memory
   * @param data the ring twice
   */
  RingConsumer(
      MemorySegment consumer, MemorySegment producer, MemorySegment data, Publish publish) {
    this.consumer = consumer;
    this.producer = producer;
    this.data = data.asReadOnly();
    this.mask = data.byteSize() / 2 - 1;
    this.publish = publish;
    this.consumed = (long) POSITION.getAcquire(consumer, 0L);
  }

  /** The bytes that a record takes. */
  static long room(int length) {
    return (length + HEADER + 7L) & ~7L;
  }

  /**
   * The same for the length in a header without BUSY. Where the next record begins depends on this,
   * so it is the fewest steps: the reader waits for each of them. A record is smaller than its
   * ring, of at most {@code 1 << 30} bytes, so that nothing is carried into DISCARD.
   */
  private static int roomBehind(int header) {
    return (header + HEADER + 7) & (DISCARD - HEADER);
  }

  /**
   * Gives the handler the records that are in the ring now, up to the first that a program is not
   * done with.
   *
   * @return how many
   */
  int drain(RecordHandler handler) {
    // In locals, because the compiler reads fields again behind each acquire.
    var memory = data;
    long ring = memory.address();
    long ringMask = mask;
    long given = consumer.address();
    boolean eachRecord = publish == Publish.EACH_RECORD;
    long position = consumed;
    // Acquire: headers below this position are there.
    long end = (long) POSITION.getAcquire(producer, 0L);
    int taken = 0;
    int skipped = 0;
    if (end - position > highestBacklog) {
      highestBacklog = end - position;
    }
    try {
      while (position != end && !stopped) {
        long at = position & ringMask;
        // Acquire: without BUSY, the bytes of the record are there.
        int header = (int) LENGTH.getAcquire(ALL, ring + at);
        if ((header & BUSY) != 0) {
          break;
        }
        position += roomBehind(header);
        if ((header & DISCARD) != 0) {
          skipped++;
        } else {
          taken++;
          handler.handle(memory, at + HEADER, header);
        }
        if (eachRecord) {
          // Release: reads of the record happen before programs write there.
          POSITION.setRelease(ALL, given, position);
        }
      }
    } finally {
      // A record whose handler threw was taken, too.
      if (position != consumed) {
        POSITION.setRelease(consumer, 0L, position);
        consumed = position;
        count(taken, skipped);
      }
    }
    return taken;
  }

  /** Only the thread that reads writes these. */
  private void count(int taken, int skipped) {
    long recordsBefore = records;
    long discardedBefore = discarded;
    records = recordsBefore + taken;
    discarded = discardedBefore + skipped;
  }

  /** Makes a drain under way end behind the record it is at. */
  void stop() {
    stopped = true;
  }

  /** Bytes that programs have reserved and the reader has not given back. */
  long backlog() {
    // The reader's position first: what is read later of the other is never below it.
    long from = (long) POSITION.getAcquire(consumer, 0L);
    return Math.min((long) POSITION.getAcquire(producer, 0L) - from, mask + 1);
  }

  RingBufferFigures figures() {
    return new RingBufferFigures(records, discarded, highestBacklog, mask + 1);
  }
}
