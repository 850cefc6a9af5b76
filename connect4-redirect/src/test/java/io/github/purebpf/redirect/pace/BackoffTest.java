package io.github.purebpf.redirect.pace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import java.util.random.RandomGenerator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private static final Duration FIRST = Duration.ofNanos(100);
  private static final Duration LONGEST = Duration.ofNanos(1000);

  /** Always 0. */
  private static final RandomGenerator NONE = () -> 0;

  @Test
  void growsUpToTheLongest() {
    var backoff = new Backoff(FIRST, LONGEST, NONE);
    assertEquals(100, backoff.after(0));
    assertEquals(200, backoff.after(1));
    assertEquals(400, backoff.after(2));
    assertEquals(800, backoff.after(3));
    assertEquals(1000, backoff.after(4));
    assertEquals(1000, backoff.after(Integer.MAX_VALUE));
    var endless = Duration.ofNanos(Long.MAX_VALUE);
    assertEquals(Long.MAX_VALUE, new Backoff(FIRST, endless, NONE).after(Integer.MAX_VALUE));
  }

  @Test
  void aFirstThatIsLongerThanTheLongestStays() {
    var backoff = new Backoff(Duration.ofNanos(1000), Duration.ofNanos(100), NONE);
    assertEquals(1000, backoff.after(5));
  }

  @Test
  void aFirstOfNothingIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Backoff(Duration.ZERO, LONGEST, NONE));
  }

  @Property
  void isUpToHalfShorter(@ForAll @IntRange(max = 100) int failures, @ForAll long seed) {
    long full = new Backoff(FIRST, LONGEST, NONE).after(failures);
    long pause = new Backoff(FIRST, LONGEST, new Random(seed)).after(failures);
    assertTrue(pause >= full / 2 && pause <= full, () -> pause + " of " + full);
  }
}
