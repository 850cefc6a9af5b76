package io.github.purebpf.bpf.reader;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An instance of tracefs that sees what programs print, and nothing else: what is read from it is
 * not taken away from others. It is mounted only for a shell that waits for the end of its standard
 * input, which comes when this JVM closes it or dies, and then clears the instance away.
 */
final class TraceFs implements AutoCloseable {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  /** The instance is busy as long as a dying JVM has its file open. */
  private static final String SCRIPT =
      """
      trap '' HUP INT TERM
      mount -t tracefs tracefs /sys/kernel/tracing || exit 1
      cd /sys/kernel/tracing/instances && mkdir "$1" || exit 1
      echo 1 >"$1/events/bpf_trace/bpf_trace_printk/enable" || exit 1
      echo ready
      cat >/dev/null
      rounds=0
      until rmdir "$1" 2>/dev/null; do
        rounds=$((rounds + 1))
        if [ "$rounds" -gt 400 ]; then
          echo "$1 cannot be removed"
          exit 1
        fi
        sleep 0.05
      done
      """;

  private final Process shell;
  private final Path path;

  private TraceFs(Process shell, Path path) {
    this.shell = shell;
    this.path = path;
  }

  static TraceFs mount() throws IOException {
    String name = "purebpf-test-" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();
    var shell =
        new ProcessBuilder("unshare", "--mount", "sh", "-c", SCRIPT, "sh", name)
            .redirectErrorStream(true)
            .start();
    var line = shell.inputReader(StandardCharsets.UTF_8).readLine();
    if (!"ready".equals(line)) {
      throw new IOException("no tracefs: " + line);
    }
    return new TraceFs(
        shell,
        Path.of("/proc", Long.toString(shell.pid()), "root/sys/kernel/tracing/instances", name));
  }

  /** The directory of the instance. */
  Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    shell.getOutputStream().close();
    var rest = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (shell.waitFor() != 0) {
        throw new IOException(rest.strip());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted; the instance is removed in the background", e);
    }
  }
}
