package io.github.purebpf.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A shell that waits for the end of its standard input, which comes when this JVM closes it or
 * dies, and then clears a cgroup away. The one and only code that does so.
 */
final class Sweeper implements AutoCloseable {
  /**
   * Ignores the signals that a terminal sends to the whole foreground group. Kills by hand where
   * the kernel has no {@code cgroup.kill} (before 5.14); a process of another pid namespace shows
   * up as 0 there, which would mean the shell's own group. Gives up after 20 seconds.
   */
  private static final String SCRIPT =
      """
      trap '' HUP INT TERM
      cat >/dev/null
      rounds=0
      while [ -d "$1" ]; do
        if [ -e "$1/cgroup.kill" ]; then
          echo 1 >"$1/cgroup.kill"
        else
          for pid in $(find "$1" -name cgroup.procs -exec cat {} +); do
            [ "$pid" -gt 1 ] && kill -9 "$pid"
          done
        fi 2>/dev/null
        find "$1" -depth -type d -exec rmdir {} \\; 2>/dev/null
        rounds=$((rounds + 1))
        if [ "$rounds" -gt 400 ]; then
          echo "$1 cannot be removed; inside:" $(find "$1" -name cgroup.procs -exec cat {} +)
          exit 1
        fi
        [ -d "$1" ] && sleep 0.05
      done
      exit 0
      """;

  private static final int LIMIT_SECONDS = 60;

  private final Process shell;

  private Sweeper(Process shell) {
    this.shell = shell;
  }

  /** Starts to watch over a cgroup, which need not exist yet. */
  static Sweeper start(Path cgroup) throws IOException {
    if (!cgroup.getFileName().toString().startsWith("purebpf-test-")) {
      throw new IllegalArgumentException("not a cgroup of a test: " + cgroup);
    }
    return new Sweeper(
        new ProcessBuilder("sh", "-c", SCRIPT, "sh", cgroup.toString())
            .redirectErrorStream(true)
            .start());
  }

  /**
   * Clears the cgroup away and waits for that.
   *
   * @throws IOException if something inside cannot be killed
   */
  @Override
  public void close() throws IOException {
    shell.getOutputStream().close();
    try {
      if (!shell.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        shell.destroyForcibly();
        throw new IOException("the shell that removes the cgroup hangs: " + shell.info());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted; the cgroup is removed in the background", e);
    }
    if (shell.exitValue() != 0) {
      throw new IOException(
          new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
    }
  }
}
