package io.github.purebpf.redirect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked for when a server leaves or comes, before anything is done. */
class DrainTest {
  private static final VirtualAddress VIP = VirtualAddress.parse("127.77.0.1:80");
  private static final Server SERVER = Server.parse("10.1.2.3:8080");

  private static void assertRefused(String words, Runnable constructor) {
    var e = assertThrows(IllegalArgumentException.class, constructor::run);
    assertEquals(words, e.getMessage());
  }

  @Test
  void aDeadlineIsNotInThePastAndARateIsAtLeastOne() {
    assertEquals(1, new Drain(VIP, SERVER, Duration.ZERO, 1).perSecond());
    assertRefused(
        "a deadline of PT-1S is before the start",
        () -> new Drain(VIP, SERVER, Duration.ofSeconds(-1), 1));
    assertRefused(
        "0 connections per second are none; at least 1 must be closed",
        () -> new Drain(VIP, SERVER, Duration.ZERO, 0));
  }

  /** Longer than a long has nanoseconds: forever. */
  @Test
  void aDeadlineMayBeAsLongAsADurationIs() {
    assertEquals(Long.MAX_VALUE, Drain.nanos(Duration.ofSeconds(Long.MAX_VALUE)));
    assertEquals(7, Drain.nanos(Duration.ofNanos(7)));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.1, 1.1, Double.NaN, Double.POSITIVE_INFINITY})
  void aShareIsAboveZeroAndAtMostOne(double share) {
    assertRefused(
        "a share of " + share + " is not above 0 and at most 1", () -> new Rebalance(VIP, share));
  }

  @Test
  void aShareMayBeTiny() {
    assertEquals(1, new Rebalance(VIP, 1).share());
    assertEquals(Double.MIN_VALUE, new Rebalance(VIP, Double.MIN_VALUE).share());
  }

  @Test
  void aReportIsCompleteWhenNothingIsLeft() {
    assertTrue(new DrainReport(1, 2, 3, 0, List.of("nowhere")).isComplete());
    assertFalse(new DrainReport(1, 2, 3, 1, List.of()).isComplete());
  }
}
