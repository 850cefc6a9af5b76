package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.bpf.RingBuffer;
import io.github.purebpf.bpf.reader.RingBufferReader;
import io.github.purebpf.insn.Field;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What programs report, for the one who listens. Programs do so until a time that stands in {@code
 * meta}, and that whoever listens puts off again and again; so nothing has to be undone for one who
 * is killed. One listens at a time: the ring buffer has one position.
 */
public final class EventFeed implements AutoCloseable {
  /** What happened. */
  public enum Kind {
    /** A connection was made. */
    ESTABLISHED(EventEntry.ESTABLISHED),
    /** It could not be made. */
    FAILED(EventEntry.FAILED),
    /** One that was made has ended. */
    CLOSED(EventEntry.CLOSED),
    /** There was no server. */
    REFUSED(EventEntry.REFUSED);

    private final long code;

    Kind(long code) {
      this.code = code;
    }

    private static Kind of(long code) {
      for (var kind : values()) {
        if (kind.code == code) {
          return kind;
        }
      }
      throw new IllegalStateException("a program reports an event of kind " + code);
    }
  }

  /**
   * One event.
   *
   * @param at when
   * @param vip the eight bytes of the {@link VipKey} that was connected to
   * @param server where it went, see {@link ServerWord}; 0 if there was none
   * @param cgroup the id of the cgroup of the thread that connected
   * @param process the process in the high half, the thread in the low one; 0 if it is not known
   * @param after how long after the connect
   */
  public record Report(
      Kind kind, Instant at, long vip, long server, long cgroup, long process, Duration after) {}

  /** How long programs report when nobody says again that he listens. */
  private static final Duration LEASE = Duration.ofSeconds(5);

  /** How often that is said at least, while one waits. */
  private static final Duration RENEWAL = Duration.ofSeconds(1);

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.nativeOrder());

  private final Meta meta;
  private final Instant monotonicEpoch;
  private final RingBufferReader reader;

  /** When it began; what is older was reported to somebody else. */
  private final long begin;

  private final long unheardBefore;

  /** What we wrote. */
  private long until;

  /** When we wrote it. */
  private long renewed;

  private EventFeed(
      Meta meta, Instant monotonicEpoch, RingBufferReader reader, long begin, long until) {
    this.meta = meta;
    this.monotonicEpoch = monotonicEpoch;
    this.reader = reader;
    this.begin = begin;
    this.until = until;
    this.renewed = begin;
    this.unheardBefore = meta.unheard();
  }

  /** Begins to listen; empty if somebody does. */
  static Optional<EventFeed> open(Meta meta, Instant monotonicEpoch, RingBuffer events) {
    long before = meta.heardUntil();
    long now = System.nanoTime();
    long until = now + LEASE.toNanos();
    if (before > now || !meta.heardUntil(before, until)) {
      return Optional.empty();
    }
    boolean done = false;
    try {
      var feed = new EventFeed(meta, monotonicEpoch, RingBufferReader.open(events), now, until);
      done = true;
      return Optional.of(feed);
    } finally {
      if (!done) {
        meta.heardUntil(until, 0);
      }
    }
  }

  /**
   * Hands out the events that are there; if there is none, waits for some. An interrupt ends the
   * wait.
   *
   * @return how many there were; 0 if there was none in the time, -1 if this is closed
   * @throws IllegalStateException if it took so long to call this again that another listens now
   */
  public int poll(Duration atMost, Consumer<Report> handler) {
    long rest = TimeUnit.NANOSECONDS.convert(atMost);
    long begun = System.nanoTime();
    while (true) {
      if (reader.isClosed()) {
        return -1;
      }
      renew();
      long wait = Math.min(RENEWAL.toNanos(), rest - (System.nanoTime() - begun));
      var handed = new Handed(handler);
      int read = reader.poll(Duration.ofNanos(Math.max(0, wait)), handed::record);
      if (read < 0 || handed.count > 0) {
        return read < 0 ? read : handed.count;
      }
      if (System.nanoTime() - begun >= rest || Thread.currentThread().isInterrupted()) {
        return 0;
      }
    }
  }

  private final class Handed {
    private final Consumer<Report> handler;
    private int count;

    Handed(Consumer<Report> handler) {
      this.handler = handler;
    }

    void record(MemorySegment memory, long at, int length) {
      long when = field(memory, at, EventEntry.AT);
      if (when < begin) {
        return;
      }
      count++;
      if (System.nanoTime() - renewed > RENEWAL.toNanos()) {
        renew(); // a handler that takes long is listening all the same
      }
      long since = field(memory, at, EventEntry.SINCE);
      handler.accept(
          new Report(
              Kind.of(field(memory, at, EventEntry.KIND)),
              monotonicEpoch.plusNanos(when),
              field(memory, at, EventEntry.VIP),
              field(memory, at, EventEntry.SERVER),
              field(memory, at, EventEntry.CGROUP),
              field(memory, at, EventEntry.PROCESS),
              Duration.ofNanos(when - since)));
    }

    private static long field(MemorySegment memory, long at, Field<EventEntry> field) {
      return memory.get(LONG, at + field.offset());
    }
  }

  private void renew() {
    long next = System.nanoTime() + LEASE.toNanos();
    if (!meta.heardUntil(until, next)) {
      throw new IllegalStateException(
          "another process listens to the events of this table by now; poll at least every %d s"
              .formatted(LEASE.toSeconds()));
    }
    until = next;
    renewed = System.nanoTime();
  }

  /** How many events found no room since this began. */
  public long unheard() {
    return meta.unheard() - unheardBefore;
  }

  /** Ends the wait of another thread, and lets another listen. */
  @Override
  public void close() {
    if (!reader.isClosed()) {
      meta.heardUntil(until, 0);
    }
    reader.close();
  }
}
