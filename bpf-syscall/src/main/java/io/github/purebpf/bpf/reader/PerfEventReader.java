package io.github.purebpf.bpf.reader;

import io.github.purebpf.bpf.PerfEventArray;
import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.bpf.internal.sys.PerfEventAttr;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Reads what programs hand to a {@linkplain PerfEventArray perf event array}: a ring for each CPU,
 * in the order of that CPU. Records are handled where the kernel wrote them; only one that wraps at
 * the end of its ring is copied.
 *
 * <p>CPUs that are offline when the reader is opened are left out, also when they come later; what
 * programs write there is refused with ENOENT. One thread at a time may read; any thread may
 * {@linkplain #close close}.
 */
public final class PerfEventReader implements AutoCloseable {
  // From linux/perf_event.h
  private static final int PERF_TYPE_SOFTWARE = 1;
  private static final int PERF_COUNT_SW_BPF_OUTPUT = 10;
  private static final int PERF_SAMPLE_RAW = 1 << 10;

  private static final int LARGEST = 1 << 30;

  private final EventSource source;
  private final List<Integer> cpus;
  private final PerfRing[] rings;
  private final PerfRing.Counts counts;

  private PerfEventReader(
      EventSource source, List<Integer> cpus, List<PerfRing> rings, PerfRing.Counts counts) {
    this.source = source;
    this.cpus = List.copyOf(cpus);
    this.rings = rings.toArray(PerfRing[]::new);
    this.counts = counts;
  }

  /**
   * Makes a perf event for each CPU that is online ({@code perf_event_open(2)}) and puts them into
   * the array, where they stay until the reader is closed.
   *
   * @param size bytes for the records of one CPU: a power of two, and at least a page
   * @throws IllegalArgumentException if the size is another
   * @throws MissingPrivilegeException without CAP_PERFMON
   * @throws KernelErrorException if the kernel is built without perf events (ENOSYS, ENOENT), or
   *     this user may not lock so much memory (EPERM, see kernel.perf_event_mlock_kb)
   */
  public static PerfEventReader open(PerfEventArray array, int size) {
    return open(Kernel.running(), array, size);
  }

  static PerfEventReader open(Kernel kernel, PerfEventArray array, int size) {
    int page = kernel.pageSize();
    if (size < page || size > LARGEST || Integer.bitCount(size) != 1) {
      throw new IllegalArgumentException(
          "reader of map %s with %d bytes for each CPU: a power of two is needed, from %d, a page, to %d"
              .formatted(array.name(), size, page, LARGEST));
    }
    var parts = new Parts(kernel, "reader of map " + array.name());
    try {
      int map = parts.duplicate(array);
      var counts = new PerfRing.Counts();
      var cpus = new ArrayList<Integer>();
      var fds = new ArrayList<Integer>();
      var rings = new ArrayList<PerfRing>();
      for (int cpu : kernel.possibleCpus().numbers()) {
        int event = event(kernel, cpu);
        if (event == -Errno.ENODEV) {
          continue;
        }
        if (event < 0) {
          throw failure(kernel, parts, "perf_event_open").exception(event);
        }
        fds.add(parts.descriptor("perf_event_open", event));
        var memory = parts.map(fds.getLast(), 0, page + (long) size, true);
        rings.add(new PerfRing(cpu, memory.asSlice(0, page), memory.asSlice(page), counts));
        put(parts, map, cpu, fds.getLast());
        cpus.add(cpu);
      }
      var waiting = Waiting.forReading(parts, fds.stream().mapToInt(Integer::intValue).toArray());
      return new PerfEventReader(new EventSource(parts, waiting), cpus, rings, counts);
    } catch (RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  private static Failure failure(Kernel kernel, Parts parts, String call) {
    return Failure.of(kernel, call, parts.toString())
        .needs(Set.of(Capability.CAP_PERFMON))
        .hint(Errno.ENOENT, "this kernel is built without perf events");
  }

  private static int event(Kernel kernel, int cpu) {
    try (var arena = Arena.ofConfined()) {
      var attr = arena.allocate(PerfEventAttr.SIZE, 8);
      attr.set(ValueLayout.JAVA_INT, PerfEventAttr.TYPE, PERF_TYPE_SOFTWARE);
      attr.set(ValueLayout.JAVA_INT, PerfEventAttr.SIZE_FIELD, PerfEventAttr.SIZE);
      attr.set(ValueLayout.JAVA_LONG, PerfEventAttr.CONFIG, PERF_COUNT_SW_BPF_OUTPUT);
      attr.set(ValueLayout.JAVA_LONG, PerfEventAttr.SAMPLE_PERIOD, 1);
      attr.set(ValueLayout.JAVA_LONG, PerfEventAttr.SAMPLE_TYPE, PERF_SAMPLE_RAW);
      attr.set(ValueLayout.JAVA_INT, PerfEventAttr.WAKEUP_EVENTS, 1);
      return kernel.perfEventOpen(attr, -1, cpu, -1);
    }
  }

  private static void put(Parts parts, int map, int cpu, int event) {
    var kernel = parts.kernel();
    try (var arena = Arena.ofConfined()) {
      int result =
          kernel.bpf(
              Cmd.MAP_UPDATE_ELEM,
              element(arena, map, cpu, Attr.MapElem.SIZE)
                  .pointer(Attr.MapElem.VALUE, arena.allocateFrom(ValueLayout.JAVA_INT, event)));
      if (result < 0) {
        throw Failure.of(kernel, Cmd.MAP_UPDATE_ELEM, parts.toString()).exception(result);
      }
    }
    parts.atEnd(() -> remove(parts, map, cpu));
  }

  /** The array would keep the perf event. */
  private static void remove(Parts parts, int map, int cpu) {
    var kernel = parts.kernel();
    try (var arena = Arena.ofConfined()) {
      int result = kernel.bpf(Cmd.MAP_DELETE_ELEM, element(arena, map, cpu, Attr.MapElem.VALUE));
      if (result < 0 && result != -Errno.ENOENT) {
        throw Failure.of(kernel, Cmd.MAP_DELETE_ELEM, parts.toString()).exception(result);
      }
    }
  }

  private static BpfAttr element(Arena arena, int map, int cpu, int size) {
    return BpfAttr.allocate(arena, size)
        .u32(Attr.MapElem.MAP_FD, map)
        .pointer(Attr.MapElem.KEY, arena.allocateFrom(ValueLayout.JAVA_INT, cpu));
  }

  /**
   * Gives the handler the records that are there, CPU by CPU; if there is none, waits for some.
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
  public int poll(Duration atMost, PerfRecordHandler handler) {
    Objects.requireNonNull(handler, "handler");
    return source.poll(atMost, () -> take(handler));
  }

  /**
   * Gives the handler the records that are there, without waiting.
   *
   * @return how many; -1 if the reader is closed
   * @throws IllegalStateException if another thread is reading, or the handler calls this
   */
  public int drain(PerfRecordHandler handler) {
    Objects.requireNonNull(handler, "handler");
    if (!source.enter()) {
      return EventSource.CLOSED;
    }
    try {
      return take(handler);
    } finally {
      source.leave();
    }
  }

  private int take(PerfRecordHandler handler) {
    int taken = 0;
    for (var ring : rings) {
      taken += ring.drain(handler);
    }
    return taken;
  }

  /** The CPUs that are read. */
  public List<Integer> cpus() {
    return cpus;
  }

  /** How many records were handled. */
  public long records() {
    return counts.records();
  }

  /**
   * How many records the kernel says it had no room for ({@code PERF_RECORD_LOST}). It says so
   * before the next record of that CPU that finds room.
   */
  public long lost() {
    return counts.lost();
  }

  /**
   * The bytes of all CPUs that were not yet read.
   *
   * @throws IllegalStateException if the reader is closed
   */
  public long backlog() {
    try {
      long sum = 0;
      for (var ring : rings) {
        sum += ring.backlog();
      }
      return sum;
    } catch (IllegalStateException e) {
      throw new IllegalStateException(source + " is closed", e);
    }
  }

  /** Whether {@link #close} was called. */
  public boolean isClosed() {
    return source.isClosed();
  }

  /**
   * Wakes the thread that reads, which returns behind the record it is at; takes the perf events
   * out of the array and gives them back, with what they hold.
   */
  @Override
  public void close() {
    counts.stop();
    source.close();
  }

  @Override
  public String toString() {
    return source.toString();
  }
}
