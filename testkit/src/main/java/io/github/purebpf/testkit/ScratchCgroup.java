package io.github.purebpf.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A cgroup of a test's own, directly below the root of the cgroup2 hierarchy and never the root
 * itself. Closing it kills what still runs inside and removes it with all its children; when this
 * JVM dies first, even by {@code kill -9}, a {@link Sweeper} process does the same.
 */
public final class ScratchCgroup implements AutoCloseable {
  private static final AtomicInteger COUNTER = new AtomicInteger();
  private static final String ENTER = "echo $$ >\"$1/cgroup.procs\" && shift && exec \"$@\"";

  private final Path path;
  private final Sweeper sweeper;

  private ScratchCgroup(Path path, Sweeper sweeper) {
    this.path = path;
    this.sweeper = sweeper;
  }

  /**
   * Makes a new cgroup named {@code purebpf-test-<pid>-<n>}.
   *
   * @throws IOException if there is no cgroup2 hierarchy or it may not be written to
   */
  public static ScratchCgroup create() throws IOException {
    Path root =
        MountInfo.cgroup2(Files.readAllLines(Path.of("/proc/self/mountinfo")))
            .orElseThrow(
                () ->
                    new IOException(
                        "no cgroup2 in /proc/self/mountinfo: mount one with"
                            + " 'mount -t cgroup2 none DIR'"));
    while (true) {
      String name =
          "purebpf-test-" + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet();
      Path path = root.resolve(name);
      if (Files.exists(path)) {
        continue; // left by a process that had our pid
      }
      // The sweeper first: there is no moment in which the cgroup exists without it.
      var sweeper = Sweeper.start(path);
      try {
        Files.createDirectory(path);
        return new ScratchCgroup(path, sweeper);
      } catch (IOException e) {
        try {
          sweeper.close();
        } catch (IOException suppressed) {
          e.addSuppressed(suppressed);
        }
        throw e;
      }
    }
  }

  /** The directory of the cgroup. */
  public Path path() {
    return path;
  }

  /** Makes a cgroup inside this one. */
  public Path child(String name) throws IOException {
    return Files.createDirectory(path.resolve(name));
  }

  /** Starts a command inside this cgroup. */
  public Process exec(List<String> command) throws IOException {
    return execIn(path, command);
  }

  /**
   * Starts a command inside a cgroup below this one.
   *
   * @throws IllegalArgumentException if the cgroup is another's
   */
  public Process execIn(Path cgroup, List<String> command) throws IOException {
    if (!cgroup.normalize().startsWith(path)) {
      throw new IllegalArgumentException(cgroup + " is not below " + path);
    }
    var full = new ArrayList<>(List.of("sh", "-c", ENTER, "sh", cgroup.toString()));
    full.addAll(command);
    return new ProcessBuilder(full).start();
  }

  /** Kills what runs inside and removes the cgroup; returns when both are done. */
  @Override
  public void close() throws IOException {
    sweeper.close();
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
