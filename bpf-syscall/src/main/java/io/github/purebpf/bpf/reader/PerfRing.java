package io.github.purebpf.bpf.reader;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.github.purebpf.bpf.internal.sys.PerfEventMmapPage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * The reader's side of the records of one CPU. The kernel counts bytes in {@code data_head}, the
 * reader in {@code data_tail}. A record may wrap, and is then put together elsewhere.
 */
final class PerfRing {
  static final int PERF_RECORD_LOST = 2;
  static final int PERF_RECORD_SAMPLE = 9;

  // struct perf_event_header, and what follows it in records of the two types
  private static final int SIZE_OF_RECORD = 6;
  private static final int RAW_SIZE = 8;
  private static final int RAW_DATA = 12;
  private static final int LOST_COUNT = 16;

  private static final int LONGEST_RECORD = 1 << 16;
  private static final VarHandle POSITION = JAVA_LONG.varHandle();

  private final int cpu;
  private final MemorySegment page;
  private final MemorySegment data;
  private final long mask;
  private final Counts counts;

  private long tail;

  /** Made for the first record that wraps. */
  private MemorySegment wrapped;

  /** What was read on all CPUs; only one thread at a time adds. */
  static final class Counts {
    private volatile long records;
    private volatile long lost;
    private volatile boolean stopped;

    long records() {
      return records;
    }

    long lost() {
      return lost;
    }

    void stop() {
      stopped = true;
    }

    private void addRecord() {
      long before = records;
      records = before + 1;
    }

    private void addLost(long count) {
      long before = lost;
      lost = before + count;
    }
  }

  /**
   * The mapped memory of a perf event.
   *
   * @param page the control page, writable
   * @param data the bytes of records, a power of two
   */
  PerfRing(int cpu, MemorySegment page, MemorySegment data, Counts counts) {
    this.cpu = cpu;
    this.page = page;
    this.data = data.asReadOnly();
    this.mask = data.byteSize() - 1;
    this.counts = counts;
    this.tail = (long) POSITION.getAcquire(page, (long) PerfEventMmapPage.DATA_TAIL);
  }

  /** Gives the handler the records that are there now; how many. */
  int drain(PerfRecordHandler handler) {
    // Acquire: the records below are there.
    long head = (long) POSITION.getAcquire(page, (long) PerfEventMmapPage.DATA_HEAD);
    int taken = 0;
    while (tail != head && !counts.stopped) {
      long at = tail & mask;
      // Records begin at multiples of eight: a header never wraps.
      int size = Short.toUnsignedInt(data.get(JAVA_SHORT, at + SIZE_OF_RECORD));
      boolean wraps = at + size > data.byteSize();
      var memory = wraps ? together(at, size) : data;
      long from = wraps ? 0 : at;
      tail += size;
      try {
        switch (data.get(JAVA_INT, at)) {
          case PERF_RECORD_SAMPLE -> {
            taken++;
            counts.addRecord();
            handler.handle(cpu, memory, from + RAW_DATA, memory.get(JAVA_INT, from + RAW_SIZE));
          }
          case PERF_RECORD_LOST -> counts.addLost(memory.get(JAVA_LONG, from + LOST_COUNT));
          default -> {
            // Kernels may add kinds of records.
          }
        }
      } finally {
        // Release: the record was read before the kernel writes there.
        POSITION.setRelease(page, (long) PerfEventMmapPage.DATA_TAIL, tail);
      }
    }
    return taken;
  }

  private MemorySegment together(long at, int size) {
    if (wrapped == null) {
      wrapped = Arena.ofAuto().allocate(LONGEST_RECORD, 8);
    }
    long first = data.byteSize() - at;
    MemorySegment.copy(data, JAVA_BYTE, at, wrapped, JAVA_BYTE, 0, first);
    MemorySegment.copy(data, JAVA_BYTE, 0, wrapped, JAVA_BYTE, first, size - first);
    return wrapped.asReadOnly();
  }

  /** Bytes that were not yet read. */
  long backlog() {
    long from = (long) POSITION.getAcquire(page, (long) PerfEventMmapPage.DATA_TAIL);
    return (long) POSITION.getAcquire(page, (long) PerfEventMmapPage.DATA_HEAD) - from;
  }
}
