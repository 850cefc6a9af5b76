package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.purebpf.redirect.Drain;
import io.github.purebpf.redirect.DrainReport;
import io.github.purebpf.redirect.RebalanceReport;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.VirtualAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What drain and rebalance say of their reports. */
class ReportsTest {
  private static final VirtualAddress VIP = VirtualAddress.parse("10.0.0.1:80");
  private static final Server SERVER = Server.parse("10.1.2.3:8080");
  private static final Drain DRAIN = new Drain(VIP, SERVER, Duration.ZERO, 1);
  private static final List<String> NONE = List.of();

  @ParameterizedTest
  @CsvSource({"0, none is left", "1, 1 is left", "2, 2 are left"})
  void aDrainIsTold(long left, String words) {
    assertEquals(
        "10.1.2.3:8080 is out of use for 10.0.0.1:80: 4 ended by themselves, 2 were closed, "
            + words,
        DrainCommand.sentence(DRAIN, new DrainReport(3, 2, 1, left, NONE)));
  }

  @Test
  void aDrainThatIsCompleteEndsWell() {
    assertDoesNotThrow(
        () -> DrainCommand.conclude(DRAIN, new DrainReport(1, 0, 0, 0, List.of("not reached"))));
  }

  @Test
  void whereConnectionsAreLeftStandsBelow() {
    var reached = new DrainReport(0, 0, 0, 2, List.of("net:[1]: no CAP_SYS_ADMIN", "net:[2]: no"));
    var e = assertThrows(CommandException.class, () -> DrainCommand.conclude(DRAIN, reached));
    assertEquals(ExitCode.LEFT, e.exitCode());
    assertEquals(
        "drain: 2 connections to 10.1.2.3:8080 could not be closed; not reached were:",
        e.getMessage());
    assertEquals(List.of("net:[1]: no CAP_SYS_ADMIN", "net:[2]: no"), e.detail());
    e =
        assertThrows(
            CommandException.class,
            () -> DrainCommand.conclude(DRAIN, new DrainReport(0, 0, 0, 1, NONE)));
    assertEquals(
        "drain: 1 connection to 10.1.2.3:8080 could not be closed; in no namespace that can be"
            + " seen",
        e.getMessage());
  }

  @Test
  void theJsonOfADrainHasAllOfIt() {
    assertEquals(
        "{\"vip\":{\"address\":\"10.0.0.1\",\"port\":80},"
            + "\"server\":{\"address\":\"10.1.2.3\",\"port\":8080},"
            + "\"ended\":1,\"closed\":2,\"gone\":3,\"left\":4,\"unreachable\":[\"a\"]}",
        DrainCommand.json(DRAIN, new DrainReport(1, 2, 3, 4, List.of("a"))));
  }

  @Test
  void whyARebalanceHasNotDoneAllIsTold() {
    var even = new RebalanceReport(1, 0, true, Optional.empty(), List.of("not reached"));
    assertEquals(
        "the connections to 10.0.0.1:80 are even: 1 was closed",
        RebalanceCommand.sentence(VIP, even));
    assertDoesNotThrow(() -> RebalanceCommand.conclude(VIP, even));
    var failing = new RebalanceReport(2, 0, false, Optional.of(SERVER), NONE);
    assertEquals(
        "the connections to 10.0.0.1:80 are not even: 2 were closed",
        RebalanceCommand.sentence(VIP, failing));
    assertLeft("stopped, because a connect to 10.1.2.3:8080 has failed", failing);
    assertLeft(
        "some servers of 10.0.0.1:80 still have too many, since programs have connected",
        new RebalanceReport(2, 0, false, Optional.empty(), NONE));
    var unreached = new RebalanceReport(2, 0, false, Optional.empty(), List.of("net:[1]: no"));
    assertLeft("some servers of 10.0.0.1:80 still have too many; not reached were:", unreached);
  }

  private static void assertLeft(String words, RebalanceReport report) {
    var e = assertThrows(CommandException.class, () -> RebalanceCommand.conclude(VIP, report));
    assertEquals(ExitCode.LEFT, e.exitCode());
    assertEquals("rebalance: " + words, e.getMessage().substring(0, 11 + words.length()));
    assertEquals(report.unreachable(), e.detail());
  }

  @Test
  void theJsonOfARebalanceHasAllOfIt() {
    assertEquals(
        "{\"vip\":{\"address\":\"10.0.0.1\",\"port\":80},\"closed\":1,\"gone\":2,\"even\":false,"
            + "\"failing\":{\"address\":\"10.1.2.3\",\"port\":8080},\"unreachable\":[\"a\"]}",
        RebalanceCommand.json(
            VIP, new RebalanceReport(1, 2, false, Optional.of(SERVER), List.of("a"))));
  }
}
