package io.github.purebpf.redirect.pace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class PacerTest {
  static final long SECOND = 1_000_000_000;

  @Test
  void theFirstStepIsFreeAndTheOthersAreSpreadEvenly() throws Exception {
    var ticker = new TestTicker();
    var pacer = new Pacer(4, ticker);
    var times = new ArrayList<Long>();
    for (int i = 0; i < 5; i++) {
      pacer.await();
      times.add(ticker.passed());
    }
    assertEquals(List.of(0L, SECOND / 4, SECOND / 2, SECOND / 4 * 3, SECOND), times);
  }

  @Test
  void timeWithoutStepsIsNotMadeUpFor() throws Exception {
    var ticker = new TestTicker();
    var pacer = new Pacer(1, ticker);
    pacer.await();
    ticker.pass(10 * SECOND);
    pacer.await();
    assertEquals(0, ticker.waits());
    pacer.await();
    assertEquals(11 * SECOND, ticker.passed());
  }

  @Test
  void anInterruptEndsTheWait() throws Exception {
    var pacer = new Pacer(1, new TestTicker(_ -> Thread.currentThread().interrupt()));
    pacer.await();
    assertThrows(InterruptedException.class, pacer::await);
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, new Pacer(1, new TestTicker())::await);
  }

  /** Whatever is done in between, and however late it is woken. */
  @Property
  void noSecondSeesMoreStepsThanTheRate(
      @ForAll @DoubleRange(min = 0.01, max = 5000) double rate,
      @ForAll List<@LongRange(max = SECOND) Long> delays)
      throws Exception {
    var ticker = new TestTicker();
    var pacer = new Pacer(rate, ticker);
    var times = new ArrayList<Long>();
    for (long delay : delays) {
      pacer.await();
      times.add(ticker.passed());
      ticker.pass(delay % 3 == 0 ? 0 : delay);
    }
    for (long begin : times) {
      long steps = times.stream().filter(t -> t >= begin && t < begin + SECOND).count();
      assertTrue(steps <= Math.ceil(rate), () -> steps + " steps at " + rate);
    }
  }
}
