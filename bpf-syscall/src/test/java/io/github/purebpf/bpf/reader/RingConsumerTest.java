package io.github.purebpf.bpf.reader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The reader against a ring that programs of a test write to. */
class RingConsumerTest {
  private static final int SIZE = 256;

  /** What programs and the reader do. */
  sealed interface Step {
    /** A program reserves a record. */
    record Reserve(int length) implements Step {}

    /** A program is done with one of the records it works on. */
    record Finish(int which, boolean discard) implements Step {}

    /** The reader takes what is there. */
    record Drain() implements Step {}
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    var reserve = Arbitraries.integers().between(0, 100).map(Step.Reserve::new);
    var finish =
        Combinators.combine(
                Arbitraries.integers().between(0, 7), Arbitraries.of(true, false, false))
            .as(Step.Finish::new);
    return Arbitraries.frequencyOf(
            Tuple.of(4, reserve),
            Tuple.of(4, finish),
            Tuple.of(2, Arbitraries.just(new Step.Drain())))
        .map(step -> (Step) step)
        .list()
        .ofMaxSize(200);
  }

  @Property
  void committedRecordsComeOnceInOrderAndBusyOnesStopTheReader(
      @ForAll("steps") List<Step> steps,
      @ForAll Publish publish,
      @ForAll("beginnings") long beginning) {
    var ring = new SimulatedRing(SIZE, beginning);
    var consumer = ring.consumer(publish);
    var expected = new ArrayList<List<Byte>>();
    var got = new ArrayList<List<Byte>>();
    for (var step : steps) {
      switch (step) {
        case Step.Reserve(int length) -> ring.reserve(length);
        case Step.Finish(int which, boolean discard) -> ring.finish(which, discard);
        case Step.Drain() -> {
          int due = ring.takeFinished(expected);
          assertEquals(due, consumer.drain((m, at, n) -> got.add(SimulatedRing.bytes(m, at, n))));
          assertEquals(ring.reserved(), consumer.backlog());
        }
      }
      assertEquals(expected, got);
    }
    assertEquals(got.size(), consumer.figures().records());
  }

  @Provide
  Arbitrary<Long> beginnings() {
    return Arbitraries.of(0L, 8L * 31, (1L << 32) - 64, Long.MAX_VALUE - 7 - 64, -64L)
        .map(position -> position & ~7L);
  }

  @ParameterizedTest
  @EnumSource
  void roomIsGivenBackBehindTheRecordOrTheBatch(Publish publish) {
    var ring = new SimulatedRing(SIZE, 0);
    var consumer = ring.consumer(publish);
    for (int i = 0; i < 3; i++) {
      ring.reserve(8);
      ring.finish(0, false);
    }
    var seen = new ArrayList<Long>();
    assertEquals(3, consumer.drain((_, _, _) -> seen.add(consumer.backlog())));
    assertEquals(
        publish == Publish.EACH_RECORD ? List.of(48L, 32L, 16L) : List.of(48L, 48L, 48L), seen);
    assertEquals(0, consumer.backlog());
  }

  @ParameterizedTest
  @EnumSource
  void aRecordWhoseHandlerThrowsIsTaken(Publish publish) {
    var ring = new SimulatedRing(SIZE, 0);
    var consumer = ring.consumer(publish);
    ring.reserve(8);
    ring.finish(0, false);
    assertThrows(
        IllegalStateException.class,
        () ->
            consumer.drain(
                (_, _, _) -> {
                  throw new IllegalStateException();
                }));
    assertEquals(0, consumer.backlog());
    assertEquals(0, consumer.drain((_, _, _) -> {}));
  }

  @ParameterizedTest
  @EnumSource
  void stoppingEndsADrainBehindItsRecord(Publish publish) {
    var ring = new SimulatedRing(SIZE, 0);
    var consumer = ring.consumer(publish);
    for (int i = 0; i < 3; i++) {
      ring.reserve(8);
      ring.finish(0, false);
    }
    assertEquals(1, consumer.drain((_, _, _) -> consumer.stop()));
    assertEquals(32, consumer.backlog());
    assertEquals(2, ring.consumer(publish).drain((_, _, _) -> {}), "for the next reader");
  }
}
