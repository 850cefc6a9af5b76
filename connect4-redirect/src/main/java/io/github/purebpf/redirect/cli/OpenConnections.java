package io.github.purebpf.redirect.cli;

import io.github.purebpf.bpf.error.BpfException;
import io.github.purebpf.redirect.RedirectTable;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Counts the connections in that are there when a cgroup is attached, as far as this process may.
 *
 * @param err where it is said that it may not
 */
record OpenConnections(PrintStream err) {
  /** Counts those of a cgroup; how many there were. */
  long adopt(RedirectTable table, Path cgroup) {
    if (isEmpty(cgroup)) {
      return 0;
    }
    try {
      var adoption = table.adopt(cgroup);
      adoption
          .unreachable()
          .forEach(
              line ->
                  err.printf(
                      "%s: connections that were open in %s may be missing in the figures: %s%n",
                      Main.NAME, cgroup, line));
      return adoption.connections();
    } catch (BpfException e) {
      err.printf(
          "%s: connections that were open in %s are missing in the figures: %s%n",
          Main.NAME, cgroup, Diagnosis.line(e));
      return 0;
    }
  }

  static String words(long connections, Path cgroup) {
    return "%d %s open in %s and %s counted"
        .formatted(
            connections,
            connections == 1 ? "connection was" : "connections were",
            cgroup,
            connections == 1 ? "is" : "are");
  }

  /** Whether it has no process, and so no connection that matters. */
  private static boolean isEmpty(Path cgroup) {
    try {
      return Files.readAllLines(cgroup.resolve("cgroup.events")).contains("populated 0");
    } catch (IOException e) {
      return false; // the root has no such file; or it goes, and then none are found
    }
  }
}
