package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class StatsCommandTest {
  private static final CgroupNames NO_NAMES = CgroupNames.find(Set.of());

  @Test
  void aServerIsALineAndItsContainersAreBelow() {
    assertEquals(
        """
        VIP            SERVER         STATE        ATTEMPTED  ESTABLISHED  FAILED  CONNECTING  OPEN  CONTAINERS
        10.0.0.1:8500  10.1.2.3:8500  active              12           10       1           1     5           1
          5 open since 2026-01-31T12:00:00Z by cgroup 4711
        10.0.0.1:8500  10.1.2.4:8500  active               3            3       0           0     2           1
          2 open since 2026-01-31T12:00:05Z by cgroup 4712
        10.0.0.1:8500  10.1.2.5:8500  draining             7            7       0           0     1           1
          1 open since 2026-01-31T11:00:00Z by cgroup 4711
        10.0.0.2:80    -              unreachable          4            -       -           -     -           -""",
        String.join("\n", StatsCommand.lines(States.some(0), NO_NAMES, true)));
    assertEquals(5, StatsCommand.lines(States.some(0), NO_NAMES, false).size());
    assertEquals(1, StatsCommand.lines(States.none(), NO_NAMES, true).size());
  }

  @Test
  void theJsonHoldsEverything() {
    var json = StatsCommand.json(States.some(0), NO_NAMES);
    assertTrue(
        json.contains(
            "\"refused\":0,\"untracked\":1,\"open\":8,\"servers\":[{\"address\":\"10.1.2.3\","
                + "\"port\":8500,\"active\":true,\"attempted\":12,\"established\":10,\"failed\":1,"
                + "\"connecting\":1,\"open\":5,\"containers\":[{\"cgroup\":4711,\"path\":null,"
                + "\"open\":5,\"since\":\"2026-01-31T12:00:00.123456789Z\"}]}"),
        json);
    assertTrue(json.contains("\"refused\":4,\"untracked\":0,\"open\":0,\"servers\":[]"), json);
    assertTrue(json.contains("\"active\":false"), json);
    assertEquals("{\"services\":[]}", StatsCommand.json(States.none(), NO_NAMES));
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no inodes")
  void cgroupsAreFoundByTheInodesOfTheirFolders(@TempDir Path top) throws IOException {
    var inner = Files.createDirectories(top.resolve("a.slice").resolve("b.scope"));
    Files.createDirectory(top.resolve("other"));
    long outerId = (Long) Files.getAttribute(top, "unix:ino");
    long innerId = (Long) Files.getAttribute(inner, "unix:ino");
    assertEquals(
        Map.of(outerId, "/", innerId, "/a.slice/b.scope"),
        CgroupNames.below(top, Set.of(outerId, innerId, -1L)));
  }
}
