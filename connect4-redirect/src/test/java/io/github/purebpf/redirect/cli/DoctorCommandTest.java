package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.purebpf.redirect.cli.doctor.Finding;
import io.github.purebpf.redirect.cli.doctor.Finding.Level;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DoctorCommandTest {
  private static final Finding GOOD =
      new Finding(Level.OK, "kernel", "Linux 6.18", Optional.empty());
  private static final Finding MEDIOCRE =
      new Finding(Level.WARNING, "bpffs", "not mounted", Optional.of("mount it"));
  private static final Finding BAD =
      new Finding(Level.PROBLEM, "capabilities", "none", Optional.of("run as root"));

  @Test
  void theRemedyStandsBelow() {
    assertEquals(
        """
        ok       kernel        Linux 6.18
        warning  bpffs         not mounted
                               -> mount it
        problem  capabilities  none
                               -> run as root""",
        String.join("\n", DoctorCommand.lines(List.of(GOOD, MEDIOCRE, BAD))));
  }

  @Test
  void theJsonSaysTheWorst() {
    assertEquals(
        "{\"worst\":\"warning\",\"findings\":["
            + "{\"level\":\"ok\",\"subject\":\"kernel\",\"text\":\"Linux 6.18\",\"remedy\":null},"
            + "{\"level\":\"warning\",\"subject\":\"bpffs\",\"text\":\"not mounted\","
            + "\"remedy\":\"mount it\"}]}",
        DoctorCommand.json(List.of(GOOD, MEDIOCRE)));
  }

  @Test
  void theExitStatusGoesByTheWorst() {
    assertDoesNotThrow(() -> DoctorCommand.conclude(List.of(GOOD)));
    var warning =
        assertThrows(CommandException.class, () -> DoctorCommand.conclude(List.of(MEDIOCRE, GOOD)));
    assertEquals(ExitCode.WARNING, warning.exitCode());
    var problem =
        assertThrows(
            CommandException.class, () -> DoctorCommand.conclude(List.of(BAD, MEDIOCRE, BAD)));
    assertEquals(ExitCode.PROBLEM, problem.exitCode());
    assertEquals("doctor: 2 problems; the remedies are above", problem.getMessage());
  }
}
