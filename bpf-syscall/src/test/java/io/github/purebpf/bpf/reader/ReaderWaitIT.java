package io.github.purebpf.bpf.reader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.RingBuffer;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Threads that wait for records: what wakes them, and what they keep meanwhile. */
@RequiresKernel
@NoLeakedFds
class ReaderWaitIT {
  private static final MapRef RING = new MapRef("it_ring");
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final RecordHandler IGNORE = (_, _, _) -> {};

  private RingBuffer ring;
  private Emitter emitter;
  private RingBufferReader reader;

  @BeforeEach
  void create() {
    ring = RingBuffer.create(RING, 1 << 16);
    emitter = new Emitter(ring);
    reader = RingBufferReader.open(ring);
  }

  @AfterEach
  void close() {
    reader.close();
    emitter.close();
    ring.close();
  }

  static Stream<ThreadFactory> threads() {
    return Stream.of(
        Thread.ofPlatform().name("platform").factory(),
        Thread.ofVirtual().name("virtual").factory());
  }

  /** A thread that is as good as in its wait: a native call, or parked. */
  private Thread waiting(ThreadFactory threads, FutureTask<?> task) throws InterruptedException {
    var thread = threads.newThread(task);
    thread.start();
    if (thread.isVirtual()) {
      awaitParked(thread);
    } else {
      Await.until(
          "the native call",
          () ->
              Stream.of(thread.getStackTrace())
                  .anyMatch(frame -> frame.getMethodName().equals("awaitHere")));
    }
    return thread;
  }

  private static void awaitParked(Thread thread) throws InterruptedException {
    Await.until(
        thread + " to park",
        () ->
            thread.getState() == Thread.State.TIMED_WAITING
                || thread.getState() == Thread.State.WAITING);
  }

  @ParameterizedTest
  @MethodSource("threads")
  void aRecordWakesTheReader(ThreadFactory threads) throws Exception {
    var task = new FutureTask<>(() -> reader.poll(LONG, IGNORE));
    waiting(threads, task);
    assertEquals(0, emitter.emit(new byte[10]));
    assertEquals(1, task.get());
  }

  @ParameterizedTest
  @MethodSource("threads")
  void aDiscardedRecordDoesNotEndTheWait(ThreadFactory threads) throws Exception {
    var task = new FutureTask<>(() -> reader.poll(LONG, IGNORE));
    waiting(threads, task);
    assertEquals(0, emitter.discard());
    Await.until("the reader to look", () -> reader.figures().discarded() == 1);
    assertEquals(0, emitter.emit(new byte[10]));
    assertEquals(1, task.get());
  }

  @ParameterizedTest
  @MethodSource("threads")
  void closingWakesTheReader(ThreadFactory threads) throws Exception {
    var task = new FutureTask<>(() -> reader.poll(LONG, IGNORE));
    waiting(threads, task);
    reader.close();
    assertEquals(-1, task.get());
  }

  @ParameterizedTest
  @MethodSource("threads")
  void anInterruptEndsTheWaitAndIsKept(ThreadFactory threads) throws Exception {
    var interrupted =
        new FutureTask<>(
            () -> {
              int result = reader.poll(LONG, IGNORE);
              return result == 0 && Thread.currentThread().isInterrupted();
            });
    waiting(threads, interrupted).interrupt();
    assertTrue(interrupted.get());
    var again = new FutureTask<>(() -> reader.poll(LONG, IGNORE));
    waiting(threads, again);
    assertEquals(0, emitter.emit(new byte[1]));
    assertEquals(1, again.get(), "the reader is as good as new");
  }

  @ParameterizedTest
  @MethodSource("threads")
  void aThreadThatIsInterruptedTakesWhatIsThereAndDoesNotWait(ThreadFactory threads)
      throws Exception {
    assertEquals(0, emitter.emit(new byte[1]));
    var task =
        new FutureTask<>(
            () -> {
              Thread.currentThread().interrupt();
              return List.of(reader.poll(LONG, IGNORE), reader.poll(LONG, IGNORE));
            });
    threads.newThread(task).start();
    assertEquals(List.of(1, 0), task.get());
  }

  @ParameterizedTest
  @MethodSource("threads")
  void theTimeEndsTheWait(ThreadFactory threads) throws Exception {
    var task = new FutureTask<>(() -> reader.poll(Duration.ofMillis(20), IGNORE));
    threads.newThread(task).start();
    assertEquals(0, task.get());
  }

  @Test
  void readersOnVirtualThreadsLeaveTheCarriersToOthers() throws Exception {
    int count = 200;
    var rings = new ArrayList<RingBuffer>();
    var readers = new ArrayList<RingBufferReader>();
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var blocked = new ArrayList<Future<Integer>>();
      var threads = new ArrayList<Thread>();
      for (int i = 0; i < count; i++) {
        rings.add(RingBuffer.create(RING, 1 << 12));
        readers.add(RingBufferReader.open(rings.getLast()));
        var own = readers.getLast();
        var task = new FutureTask<>(() -> own.poll(LONG, IGNORE));
        threads.add(Thread.ofVirtual().start(task));
        blocked.add(task);
      }
      for (var thread : threads) {
        awaitParked(thread);
      }
      var progress = new AtomicInteger();
      var done = new CountDownLatch(1000);
      for (int i = 0; i < 1000; i++) {
        executor.execute(
            () -> {
              for (int turn = 0; turn < 10; turn++) {
                LockSupport.parkNanos(1);
              }
              progress.incrementAndGet();
              done.countDown();
            });
      }
      done.await();
      assertEquals(1000, progress.get());
      assertEquals(count, blocked.stream().filter(task -> !task.isDone()).count());
      for (int i = 0; i < count; i += 2) {
        try (var own = new Emitter(rings.get(i))) {
          assertEquals(0, own.emit(new byte[i]));
        }
      }
      for (int i = 0; i < count; i += 2) {
        assertEquals(1, blocked.get(i).get());
      }
      assertEquals(
          count / 2, blocked.stream().filter(task -> !task.isDone()).count(), "no one else woke");
      readers.forEach(RingBufferReader::close);
      for (int i = 1; i < count; i += 2) {
        assertEquals(-1, blocked.get(i).get());
      }
    } finally {
      readers.forEach(RingBufferReader::close);
      rings.forEach(RingBuffer::close);
    }
    Await.until(
        "the thread that polls to end with its last reader",
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("purebpf-poller")));
  }
}
