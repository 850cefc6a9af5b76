package io.github.purebpf.bpf.reader;

import static io.github.purebpf.insn.Reg.FP;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R3;
import static io.github.purebpf.insn.Reg.R4;
import static io.github.purebpf.insn.Reg.R5;
import static io.github.purebpf.insn.Reg.R6;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.Arg;
import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.RingBuffer;
import io.github.purebpf.bpf.UserRingBuffer;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.Helper;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is written is handed back by a program through a ring buffer. */
@RequiresKernel
@NoLeakedFds
class UserRingBufferWriterIT {
  private static final MapRef IN = new MapRef("it_in");
  private static final MapRef OUT = new MapRef("it_out");
  private static final int SIZE = 4096;
  private static final int EIGHT_BYTES_ROOM = 16;
  private static final Duration LONG = Duration.ofSeconds(60);

  private UserRingBuffer in;
  private RingBuffer out;
  private BpfProgram program;
  private UserRingBufferWriter writer;
  private RingBufferReader reader;

  @BeforeEach
  void create() {
    in = UserRingBuffer.create(IN, SIZE);
    out = RingBuffer.create(OUT, SIZE * 2);
    program = echo();
    writer = UserRingBufferWriter.open(in);
    reader = RingBufferReader.open(out);
  }

  @AfterEach
  void close() {
    reader.close();
    writer.close();
    program.close();
    out.close();
    in.close();
  }

  /** Takes all records out and writes the first eight bytes of each to the other ring. */
  private BpfProgram echo() {
    return TestRun.syscall(
        b -> {
          var each = b.newFunction("each");
          b.mov(R4, 0)
              .call(
                  Helper.USER_RINGBUF_DRAIN,
                  Arg.map(IN),
                  Arg.callback(each),
                  Arg.imm(0),
                  Arg.imm(0))
              .exit()
              .function(
                  each,
                  f ->
                      f.mov(R6, R1)
                          .stdw(FP.at(-8), 0)
                          .mov(R1, FP)
                          .add(R1, -8)
                          .mov(R2, 8)
                          .mov(R3, R6)
                          .mov(R4, 0)
                          .mov(R5, 0)
                          .call(Helper.DYNPTR_READ)
                          .mov(R2, FP)
                          .add(R2, -8)
                          .call(
                              Helper.RINGBUF_OUTPUT,
                              Arg.map(OUT),
                              Arg.reg(R2),
                              Arg.imm(8),
                              Arg.imm(0))
                          .returning(0));
        },
        in,
        out);
  }

  private int run() {
    return TestRun.run(program, MemorySegment.NULL);
  }

  private List<Long> received() {
    var received = new ArrayList<Long>();
    reader.drain((m, at, _) -> received.add(m.get(ValueLayout.JAVA_LONG, at)));
    return received;
  }

  private boolean write(long value) {
    return writer.write(8, (m, at, _) -> m.set(ValueLayout.JAVA_LONG, at, value));
  }

  @Test
  void aProgramTakesWhatWasWrittenInOrder() {
    assertTrue(write(7));
    assertTrue(write(-9));
    assertEquals(2 * EIGHT_BYTES_ROOM, writer.backlog());
    assertEquals(2, run());
    assertEquals(List.of(7L, -9L), received());
    assertEquals(0, writer.backlog());
    assertEquals(0, run());
  }

  @Test
  void recordsOfManyLengthsWrap() {
    for (int round = 0; round < 2000; round++) {
      byte[] record = new byte[8 + round % 700];
      MemorySegment.ofArray(record).set(ValueLayout.JAVA_LONG_UNALIGNED, 0, round);
      assertTrue(writer.write(record));
      assertEquals(1, run());
      assertEquals(List.of((long) round), received());
    }
  }

  @Test
  void aFullRingTakesNothingUntilAProgramHasRun() {
    long count = SIZE / EIGHT_BYTES_ROOM;
    for (long i = 0; i < count; i++) {
      assertTrue(write(i));
    }
    assertFalse(write(count));
    assertFalse(writer.write(Duration.ofMillis(5), 8, (_, _, _) -> {}));
    assertEquals(SIZE, writer.backlog());
    assertEquals(count, run());
    assertEquals(LongStream.range(0, count).boxed().toList(), received());
    assertTrue(write(count));
  }

  @Test
  void aProgramThatMakesRoomWakesTheWriter() throws Exception {
    fill();
    var task = new FutureTask<>(() -> writer.write(LONG, 8, (_, _, _) -> {}));
    start(task);
    assertEquals(SIZE / EIGHT_BYTES_ROOM, run());
    assertTrue(task.get());
  }

  @Test
  void closingEndsTheWaitForRoom() throws Exception {
    fill();
    var task = new FutureTask<>(() -> writer.write(LONG, 8, (_, _, _) -> {}));
    start(task);
    writer.close();
    var e = assertThrows(ExecutionException.class, task::get);
    assertEquals("java.lang.IllegalStateException: writer of map it_in is closed", e.getMessage());
    assertThrows(IllegalStateException.class, () -> write(1));
    assertThrows(IllegalStateException.class, writer::backlog);
  }

  private void fill() {
    while (write(1)) {
      assertTrue(writer.backlog() <= SIZE);
    }
  }

  private static void start(FutureTask<?> task) throws InterruptedException {
    var thread = Thread.ofVirtual().start(task);
    Await.until("the writer to park", () -> thread.getState() == Thread.State.TIMED_WAITING);
  }

  @Test
  void aRecordWhoseWriterThrowsIsNeverSeen() {
    assertTrue(write(1));
    assertThrows(
        ArithmeticException.class,
        () ->
            writer.write(
                8,
                (_, _, _) -> {
                  throw new ArithmeticException();
                }));
    assertTrue(write(2));
    assertEquals(2, run());
    assertEquals(List.of(1L, 2L), received());
  }

  @Test
  void whatTheRingCouldNeverHoldIsRefused() {
    assertTrue(writer.write(new byte[SIZE - 8]));
    assertEquals(1, run());
    var e = assertThrows(IllegalArgumentException.class, () -> writer.write(new byte[SIZE - 7]));
    assertEquals(
        "writer of map it_in: a record of 4089 bytes; the ring has 4096, eight of which are a"
            + " header",
        e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> writer.write(-1, (_, _, _) -> {}));
  }

  @Test
  void aPinnedOneIsWrittenByWhoeverOpensIt() {
    try (var fs = BpfFs.mountDetached()) {
      in.pin(fs.path().resolve("in"));
      try (var again = UserRingBuffer.openPinned(fs.path().resolve("in"), IN, SIZE);
          var second = UserRingBufferWriter.open(again)) {
        assertTrue(second.write(new byte[8]));
      }
      assertEquals(1, run());
    }
  }
}
