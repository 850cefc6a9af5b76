package io.github.purebpf.bpf.reader;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.bpf.RingBuffer;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@RequiresKernel
@NoLeakedFds
class RingBufferReaderIT {
  private static final MapRef RING = new MapRef("it_ring");
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final RecordHandler IGNORE = (_, _, _) -> {};

  private RingBuffer ring;
  private Emitter emitter;

  @BeforeEach
  void create() {
    ring = RingBuffer.create(RING, 1 << 16);
    emitter = new Emitter(ring);
  }

  @AfterEach
  void close() {
    emitter.close();
    ring.close();
  }

  private void emit(int... lengths) {
    for (int length : lengths) {
      assertEquals(0, emitter.emit(bytes(length)));
    }
  }

  /** Each byte tells the length and its place. */
  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static byte[] copy(MemorySegment memory, long offset, int length) {
    return memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
  }

  @ParameterizedTest
  @EnumSource
  void recordsArriveInOrderWithTheirBytes(Publish publish) {
    try (var reader = RingBufferReader.open(ring, publish)) {
      emit(1, 8, 2048, 0, 17);
      var got = new ArrayList<byte[]>();
      assertEquals(5, reader.poll(LONG, (m, at, length) -> got.add(copy(m, at, length))));
      int i = 0;
      for (int length : new int[] {1, 8, 2048, 0, 17}) {
        assertArrayEquals(bytes(length), got.get(i++));
      }
      assertEquals(0, reader.backlog());
      assertEquals(0, reader.drain(IGNORE));
    }
  }

  @ParameterizedTest
  @EnumSource
  void recordsThatWrapAreInOnePiece(Publish publish) {
    var random = new Random(7);
    try (var reader = RingBufferReader.open(ring, publish)) {
      for (int round = 0; round < 2000; round++) {
        int length = 1 + random.nextInt(2048);
        emit(length);
        int handled = reader.drain((m, at, n) -> assertArrayEquals(bytes(length), copy(m, at, n)));
        assertEquals(1, handled);
      }
      assertEquals(2000, reader.figures().records());
    }
  }

  @Test
  void discardedRecordsAreSkippedAndCounted() {
    try (var reader = RingBufferReader.open(ring)) {
      emit(3);
      assertEquals(0, emitter.discard());
      emit(4);
      var lengths = new ArrayList<Integer>();
      assertEquals(2, reader.drain((_, _, length) -> lengths.add(length)));
      assertEquals(List.of(3, 4), lengths);
      assertEquals(1, reader.figures().discarded());
    }
  }

  @Test
  void theBacklogGrowsUntilProgramsFindNoRoom() {
    try (var reader = RingBufferReader.open(ring)) {
      emit(16, 100);
      assertEquals(24 + 112, reader.backlog());
      assertEquals(ring.size(), reader.figures().size());
      int written = 0;
      int result;
      while ((result = emitter.emit(bytes(2040))) == 0) {
        written++;
      }
      assertEquals(-Errno.EAGAIN, result);
      assertEquals(31, written);
      assertEquals(2 + written, reader.drain(IGNORE));
      assertEquals(136 + written * 2048L, reader.figures().highestBacklog());
      assertEquals(0, reader.backlog());
      emit(2040);
      assertEquals(1, reader.drain(IGNORE));
    }
  }

  @Test
  void whatAHandlerThrowsEndsTheCallBehindItsRecord() {
    try (var reader = RingBufferReader.open(ring, Publish.EACH_BATCH)) {
      emit(1, 2, 3);
      var thrown =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  reader.drain(
                      (_, _, length) -> {
                        if (length == 2) {
                          throw new IllegalArgumentException("two");
                        }
                      }));
      assertEquals("two", thrown.getMessage());
      assertEquals(2, reader.figures().records());
      assertEquals(1, reader.drain((_, _, length) -> assertEquals(3, length)));
    }
  }

  @Test
  void aHandlerMayCloseTheReader() {
    var reader = RingBufferReader.open(ring);
    emit(1, 2, 3);
    assertEquals(1, reader.poll(LONG, (_, _, _) -> reader.close()));
    assertTrue(reader.isClosed());
    assertEquals(-1, reader.poll(LONG, IGNORE));
    assertEquals(-1, reader.drain(IGNORE));
    assertEquals(1, reader.figures().records());
    var e = assertThrows(IllegalStateException.class, reader::backlog);
    assertEquals("reader of map it_ring is closed", e.getMessage());
    try (var next = RingBufferReader.open(ring)) {
      assertEquals(2, next.drain(IGNORE), "what was left");
    }
  }

  @Test
  void memoryOfAClosedReaderCannotBeTouched() {
    var kept = new AtomicReference<MemorySegment>();
    try (var reader = RingBufferReader.open(ring)) {
      emit(8);
      assertEquals(1, reader.drain((m, at, length) -> kept.set(m.asSlice(at, length))));
      var write =
          assertThrows(
              RuntimeException.class, () -> kept.get().set(ValueLayout.JAVA_BYTE, 0, (byte) 1));
      assertTrue(write.getMessage().contains("read-only"), write::getMessage);
    }
    assertThrows(IllegalStateException.class, () -> kept.get().get(ValueLayout.JAVA_BYTE, 0));
  }

  @Test
  void aSecondThreadIsRefused() {
    try (var reader = RingBufferReader.open(ring)) {
      emit(1);
      assertEquals(
          1,
          reader.drain(
              (_, _, _) -> {
                var e = assertThrows(IllegalStateException.class, () -> reader.poll(LONG, IGNORE));
                assertEquals(
                    "reader of map it_ring is in use; one thread at a time may use it",
                    e.getMessage());
              }));
    }
  }

  @Test
  void aWaitEndsWithTheTime() {
    try (var reader = RingBufferReader.open(ring)) {
      assertEquals(0, reader.poll(Duration.ofMillis(5), IGNORE));
      assertEquals(0, reader.poll(Duration.ZERO, IGNORE));
    }
  }

  @Test
  void theReaderOutlivesTheMapObject() {
    try (var reader = RingBufferReader.open(ring)) {
      ring.close();
      emit(9);
      assertEquals(1, reader.poll(LONG, IGNORE));
    }
    assertThrows(IllegalStateException.class, () -> RingBufferReader.open(ring));
  }

  @Test
  void aPinnedRingBufferIsReadByWhoeverOpensIt() {
    try (var fs = BpfFs.mountDetached()) {
      var pin = fs.path().resolve("ring");
      ring.pin(pin);
      emit(5);
      try (var again = RingBuffer.openPinned(pin, RING, 1 << 16);
          var reader = RingBufferReader.open(again)) {
        assertEquals(ring.id(), again.id());
        assertEquals(1, reader.drain(IGNORE));
      }
      var e =
          assertThrows(
              IllegalArgumentException.class, () -> RingBuffer.openPinned(pin, RING, 1 << 17));
      assertTrue(e.getMessage().contains("it holds 65536 entries, not 131072"), e::getMessage);
      assertFalse(ring.toString().contains("closed"));
    }
  }
}
