package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.CgroupFollower;
import java.io.PrintStream;
import java.nio.file.Path;

/**
 * Prints a line for each cgroup that is attached or gone, and one for each failure.
 *
 * @param err where failures go
 */
record FollowerLines(PrintStream out, PrintStream err) implements CgroupFollower.Listener {
  @Override
  public void began(Path cgroup) {
    print("attached " + cgroup);
  }

  @Override
  public void gone(Path cgroup) {
    print("gone " + cgroup);
  }

  @Override
  public void failed(Path cgroup, RuntimeException why) {
    err.println(
        "%s: %s: %s; it is tried again".formatted(Main.NAME, cgroup, Diagnosis.of(why).sentence()));
  }

  private void print(String line) {
    out.println(line);
    out.flush();
  }
}
