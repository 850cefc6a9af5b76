package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.bpf.reader.TracePipe;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the pipe is looked for, each time by a JVM that sees other mounts than all others. */
@RequiresKernel
@NoLeakedFds
class TracePipePlaceIT {
  /** Takes away what is mounted, mounts what $1 says on $0, and goes on as the rest. */
  private static final String SCRIPT =
      """
      umount -a -t tracefs,debugfs
      if [ "$1" != none ]; then
        mount -t "$1" "$1" "$0" || exit 1
      fi
      shift
      exec "$@"
      """;

  @TempDir private Path folder;

  /** Opens the pipe, from which nothing is read, as that would be gone for others. */
  static final class Opening {
    private Opening() {}

    public static void main(String[] args) {
      try (var pipe = TracePipe.open()) {
        System.out.println(pipe);
      } catch (IllegalStateException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private List<String> openWith(String fileSystem, Path place)
      throws IOException, InterruptedException {
    var prefix = List.of("unshare", "--mount", "sh", "-c", SCRIPT, place.toString(), fileSystem);
    var classPath = ChildJvm.classPath(TracePipePlaceIT.class).toList();
    try (var child = ChildJvm.start(prefix, classPath, List.of(), Opening.class)) {
      return child.finish();
    }
  }

  @Test
  void tracefsIsFoundWhereverItIsMounted() throws Exception {
    var place = Files.createDirectory(folder.resolve("a place"));
    assertEquals(List.of("reader of " + place.resolve("trace_pipe")), openWith("tracefs", place));
  }

  @Test
  void tracefsIsFoundInDebugfs() throws Exception {
    var place = Files.createDirectory(folder.resolve("debug"));
    assertEquals(
        List.of("reader of " + place.resolve("tracing/trace_pipe")), openWith("debugfs", place));
  }

  @Test
  void whereItIsNotMountedTheWayToDoItIsTold() throws Exception {
    assertEquals(
        List.of(
            "tracefs is not mounted, or not readable: as root,"
                + " mount -t tracefs tracefs /sys/kernel/tracing"),
        openWith("none", folder));
  }
}
