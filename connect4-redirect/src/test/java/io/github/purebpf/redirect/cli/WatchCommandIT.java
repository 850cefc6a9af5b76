package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.redirect.RedirectTable;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.cli.demo.OwnJvm;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The live view, on a terminal that script(1) makes, and without one. */
@RequiresKernel
class WatchCommandIT {
  private static final String ENTERED = "\u001b[?1049h";
  private static final String LEFT = "\u001b[?25h\u001b[?1049l";

  @TempDir private Path folder;
  private BpfFs pins;
  private RedirectTable table;
  private String pin;

  @BeforeEach
  void open() {
    pins = BpfFs.mountDetached();
    table = RedirectTable.create();
    table.pin(pins.path().resolve("watch"));
    table.put(Service.of(VirtualAddress.parse("10.0.0.1:80"), Server.parse("10.1.2.3:80")));
    pin = "--pin=" + pins.path().resolve("watch");
  }

  @AfterEach
  void close() {
    table.close();
    pins.close();
  }

  @Test
  void withoutATerminalItPrintsFrames() throws IOException, InterruptedException {
    try (var process = CommandProcess.start("watch", pin, "--count=2", "--interval=100ms")) {
      var out = process.rest();
      assertEquals(0, process.end(), out);
      assertEquals(3, out.split("10.0.0.1:80  least-connections  0 open", -1).length, out);
      assertTrue(out.contains("0.0/s"), out);
      assertFalse(out.contains("\u001b"), out);
    }
  }

  @Test
  void aSignalEndsItWell() throws IOException, InterruptedException {
    try (var process = CommandProcess.start("watch", pin)) {
      process.awaitLine("10.0.0.1:80");
      process.signal("TERM");
      assertEquals(0, process.end());
    }
  }

  private static String readUntil(InputStream in, String text) throws IOException {
    var read = new StringBuilder();
    while (read.indexOf(text) < 0) {
      int next = in.read();
      if (next < 0) {
        throw new AssertionError("no " + text + " in " + read);
      }
      read.append((char) next);
    }
    return read.toString();
  }

  /** Ends it by a key or a signal, and compares the settings of the terminal. */
  @ParameterizedTest
  @ValueSource(strings = {"q", "TERM"})
  void theTerminalIsGivenBackAsItWas(String end) throws IOException, InterruptedException {
    var watch =
        OwnJvm.withNativeAccess(Main.class, List.of("watch", pin)).stream()
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" "));
    // The shell becomes the command, so that its pid is known and it has the terminal.
    var script = Files.writeString(folder.resolve("watch.sh"), "echo pid $$\nexec " + watch + "\n");
    var line =
        "stty rows 20 cols 70; echo before $(stty -g); sh '"
            + script
            + "'; echo status $?; echo after $(stty -g)";
    var process =
        new ProcessBuilder("script", "-qec", line, "/dev/null").redirectErrorStream(true).start();
    try (var in = process.getInputStream();
        var keys = process.getOutputStream()) {
      var head = readUntil(in, "10.1.2.3:80");
      assertTrue(head.contains(ENTERED), head);
      if (end.equals("q")) {
        keys.write('x');
        keys.write('q');
        keys.flush();
      } else {
        var pid = head.replaceAll("(?s).*pid (\\d+).*", "$1");
        new ProcessBuilder("kill", "-TERM", pid).inheritIO().start().waitFor();
      }
      var tail = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(tail.contains(LEFT), tail);
      assertTrue(tail.contains("status 0"), tail);
      assertEquals(
          head.replaceAll("(?s).*before ([0-9a-f:]+).*", "$1"),
          tail.replaceAll("(?s).*after ([0-9a-f:]+).*", "$1"));
    } finally {
      process.destroyForcibly();
    }
  }
}
