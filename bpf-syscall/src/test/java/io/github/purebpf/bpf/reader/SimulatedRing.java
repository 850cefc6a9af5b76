package io.github.purebpf.bpf.reader;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** A ring as the kernel keeps it, in the memory of this process. */
final class SimulatedRing {
  /** A record that a program has reserved. */
  private static final class Reserved {
    final long position;
    final int length;
    final List<Byte> bytes = new ArrayList<>();
    boolean finished;
    boolean discarded;

    Reserved(long position, int length) {
      this.position = position;
      this.length = length;
    }
  }

  private final Arena arena = Arena.ofAuto();
  private final MemorySegment consumer = arena.allocate(8, 8);
  private final MemorySegment producer = arena.allocate(8, 8);
  private final MemorySegment data;
  private final int size;
  private final Deque<Reserved> unread = new ArrayDeque<>();
  private byte next;

  /** An empty one, whose positions have come this far. */
  SimulatedRing(int size, long position) {
    this.size = size;
    this.data = arena.allocate(2L * size, 8);
    consumer.set(JAVA_LONG, 0, position);
    producer.set(JAVA_LONG, 0, position);
  }

  RingConsumer consumer(Publish publish) {
    return new RingConsumer(consumer, producer, data, publish);
  }

  static List<Byte> bytes(MemorySegment memory, long offset, int length) {
    var bytes = new ArrayList<Byte>();
    for (byte value : memory.asSlice(offset, length).toArray(JAVA_BYTE)) {
      bytes.add(value);
    }
    return bytes;
  }

  /** Bytes between the two positions. */
  long reserved() {
    return producer.get(JAVA_LONG, 0) - consumer.get(JAVA_LONG, 0);
  }

  /** As {@code bpf_ringbuf_reserve}, which finds room or does not. */
  void reserve(int length) {
    long position = producer.get(JAVA_LONG, 0);
    long room = (length + 8L + 7) / 8 * 8;
    if (reserved() + room > size) {
      return;
    }
    var record = new Reserved(position, length);
    unread.add(record);
    header(record, length | 1 << 31);
    producer.set(JAVA_LONG, 0, position + room);
    for (int i = 0; i < length; i++) {
      record.bytes.add(next);
      set(position + 8 + i, next++);
    }
  }

  /** As {@code bpf_ringbuf_submit} or {@code bpf_ringbuf_discard} of one that is reserved. */
  void finish(int which, boolean discard) {
    var busy = unread.stream().filter(record -> !record.finished).toList();
    if (!busy.isEmpty()) {
      var record = busy.get(which % busy.size());
      record.finished = true;
      record.discarded = discard;
      header(record, discard ? record.length | 1 << 30 : record.length);
    }
  }

  /** Adds what the reader must see now; how many that is. */
  int takeFinished(List<List<Byte>> to) {
    int before = to.size();
    while (!unread.isEmpty() && unread.peek().finished) {
      var record = unread.pop();
      if (!record.discarded) {
        to.add(record.bytes);
      }
    }
    return to.size() - before;
  }

  private void header(Reserved record, int value) {
    long at = record.position & (size - 1);
    data.set(JAVA_INT, at, value);
    data.set(JAVA_INT, at + size, value);
  }

  private void set(long position, byte value) {
    long at = position & (size - 1);
    data.set(JAVA_BYTE, at, value);
    data.set(JAVA_BYTE, at + size, value);
  }
}
