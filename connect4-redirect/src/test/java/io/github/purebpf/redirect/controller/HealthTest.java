package io.github.purebpf.redirect.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.redirect.Server;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** With three failures to fall, two successes to rise, and half a minute of ejection. */
class HealthTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final Server ONE = Server.parse("10.0.0.1:8502");
  private static final Server TWO = Server.parse("10.0.0.2:8502");

  private final Health health = new Health(HealthCheck.DEFAULT);

  @Test
  void checksTakeAServerDownAndBringItBack() {
    check(ONE, false, false);
    assertEquals(Set.of(), health.down(0));
    check(ONE, true, false, false);
    assertEquals(Set.of(), health.down(0), "not in a row");
    check(ONE, false);
    assertEquals(Set.of(ONE), health.down(0));
    check(ONE, true, false, true);
    assertEquals(Set.of(ONE), health.down(1000 * SECOND), "not in a row");
    check(ONE, true);
    assertEquals(Set.of(), health.down(0));
  }

  @Test
  void connectsThatFailEjectAServerForAWhile() {
    health.counted(ONE, 5, 7, 0); // what was before does not count
    health.counted(TWO, 0, 0, 0);
    assertEquals(Set.of(), health.down(0));
    health.counted(ONE, 5, 9, SECOND);
    assertEquals(Set.of(), health.down(SECOND));
    health.counted(ONE, 5, 10, 2 * SECOND);
    health.counted(TWO, 1, 10, 2 * SECOND); // some succeed
    assertEquals(Set.of(ONE), health.down(2 * SECOND));
    assertEquals(Set.of(ONE), health.down(32 * SECOND - 1));
    assertEquals(Set.of(), health.down(32 * SECOND));
  }

  @Test
  void aServerThatFailsAgainIsEjectedForLonger() {
    health.counted(ONE, 0, 0, 0);
    health.counted(ONE, 0, 3, 0);
    assertEquals(Set.of(), health.down(30 * SECOND));
    health.counted(ONE, 0, 4, 30 * SECOND);
    assertEquals(Set.of(ONE), health.down(90 * SECOND - 1));
    assertEquals(Set.of(), health.down(90 * SECOND));
    health.counted(ONE, 1, 4, 91 * SECOND);
    health.counted(ONE, 1, 5, 92 * SECOND);
    assertEquals(Set.of(), health.down(92 * SECOND), "one that succeeded made it forget");
  }

  @Test
  void ejectionIsNeverLongerThanTenTimes() {
    long now = 0;
    health.counted(ONE, 0, 0, now);
    for (int failed = 3; failed < 60; failed++) {
      health.counted(ONE, 0, failed, now);
      assertEquals(Set.of(ONE), health.down(now));
      now += 300 * SECOND;
      assertEquals(Set.of(), health.down(now));
    }
  }

  @Test
  void countersThatBeginAgainSayNothing() {
    health.counted(ONE, 0, 100, 0);
    health.counted(ONE, 0, 3, SECOND);
    assertEquals(Set.of(), health.down(SECOND));
  }

  @Test
  void whatIsNotKeptIsForgotten() {
    check(ONE, false, false, false);
    health.keep(List.of(TWO));
    assertEquals(Set.of(), health.down(0));
  }

  private void check(Server server, boolean... good) {
    for (boolean one : good) {
      health.checked(server, one);
    }
  }
}
