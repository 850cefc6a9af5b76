package io.github.purebpf.redirect.cli.demo;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A cgroup of the command's own. A shell outside of it waits until this process closes the cgroup
 * or dies in any way, kills what is inside, and removes it.
 */
public final class DemoCgroup implements AutoCloseable {
  private static final String ENTER = "echo $$ >\"$1/cgroup.procs\" && shift && exec \"$@\"";

  /** Before Linux 5.14 there is no cgroup.kill; a removal succeeds once all inside are gone. */
  private static final String REAP =
      """
      trap '' HUP INT TERM
      cat >/dev/null
      tries=0
      while [ -d "$1" ] && [ "$tries" -lt 200 ]; do
        tries=$((tries + 1))
        if [ -e "$1/cgroup.kill" ]; then
          echo 1 >"$1/cgroup.kill"
        else
          kill -9 $(cat "$1/cgroup.procs")
        fi
        rmdir "$1" || sleep 0.02
      done
      """;

  private static final int REAP_SECONDS = 5;

  private final Path path;
  private final Process reaper;

  private DemoCgroup(Path path, Process reaper) {
    this.path = path;
    this.reaper = reaper;
  }

  /**
   * Makes the cgroup. It ends with {@link #close}, or with this process.
   *
   * @param parent a directory of the cgroup2 hierarchy
   * @param purpose a part of its name
   */
  public static DemoCgroup create(Path parent, String purpose) throws IOException {
    var path = parent.resolve("connect4-redirect-" + purpose + "-" + ProcessHandle.current().pid());
    // The reaper first: there is no moment at which the cgroup exists without it.
    var cgroup = new DemoCgroup(path, startReaper(path));
    try {
      Files.createDirectory(path);
      return cgroup;
    } catch (IOException e) {
      cgroup.reaper.destroyForcibly(); // it must not remove what is not ours
      throw e;
    }
  }

  /** In a session of its own where there is a setsid, so that a kill of our group spares it. */
  private static Process startReaper(Path path) throws IOException {
    var command = new ArrayList<String>();
    if (Files.isExecutable(Path.of("/usr/bin/setsid"))) {
      command.add("/usr/bin/setsid");
    }
    command.addAll(List.of("sh", "-c", REAP, "sh", path.toString()));
    return new ProcessBuilder(command)
        .directory(new File("/"))
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** Its folder. */
  public Path path() {
    return path;
  }

  /** Starts a program inside; its errors go where ours go. */
  public Process start(List<String> command) throws IOException {
    var inside = new ArrayList<>(List.of("sh", "-c", ENTER, "sh", path.toString()));
    inside.addAll(command);
    var builder = new ProcessBuilder(inside).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("LC_ALL", "C");
    return builder.start();
  }

  /** Kills what is inside, removes the cgroup, and returns when both are done; more than once. */
  @Override
  public void close() throws IOException {
    reaper.getOutputStream().close();
    try {
      if (!reaper.waitFor(REAP_SECONDS, TimeUnit.SECONDS) || Files.exists(path)) {
        throw new IOException("cannot remove " + path + "; remove it with rmdir");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted; " + path + " is removed in the background", e);
    }
  }
}
