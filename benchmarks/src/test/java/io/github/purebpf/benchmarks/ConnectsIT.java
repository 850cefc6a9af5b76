package io.github.purebpf.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.testkit.ScratchCgroup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether clients come to their servers on all ways, and what is left behind. */
@RequiresKernel
@NoLeakedFds
final class ConnectsIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final int OPERATIONS = 16;

  /** Where cgroups of tests are. */
  private static Path cgroups;

  @BeforeAll
  static void find() throws IOException {
    try (var cgroup = ScratchCgroup.create()) {
      cgroups = cgroup.path().getParent();
    }
  }

  /** A client starts only if the server that it comes to says the greeting of the way. */
  @Test
  void everyWayLeadsToItsServerAndNothingStaysBehind(@TempDir Path folder)
      throws IOException, InterruptedException {
    var contest = new Connects();
    var workshop = new Workshop(ROOT.resolve("benchmarks/src/peers"), folder);
    var peers = contest.prepare(workshop);
    var ready = new ArrayList<Peer.Ready>();
    for (var peer : peers) {
      switch (peer) {
        case Peer.Ready there -> ready.add(there);
        case Peer.Missing missing ->
            assertTrue(
                missing.remedy().startsWith("not installed: apt-get install "), missing.remedy());
      }
    }
    try (var stage = contest.open(workshop, ready)) {
      var started = stage.start();
      assertEquals(ready, started.stream().map(Contender::peer).toList());
      for (var contender : started) {
        for (var measured : contest.cases()) {
          check(contender, measured);
        }
      }
      started.forEach(Contender::close);
      assertEquals(Set.of(), namesOfChildren("connects", "server", "haproxy"));
    }
    assertEquals(List.of(), cgroupsOf(ProcessHandle.current().pid()));
  }

  private static void check(Contender contender, Case measured) {
    String what = contender.peer().key() + " in " + measured.id();
    boolean together = measured.timing() == Case.Timing.TOGETHER;
    var answer =
        together ? contender.run(measured, OPERATIONS) : contender.latency(measured, OPERATIONS);
    if (!Way.of(contender.peer()).orElseThrow().has(measured)) {
      assertInstanceOf(Answer.Nothing.class, answer, what);
    } else if (together) {
      var measurement = assertInstanceOf(Answer.Measured.class, answer, what).measurement();
      assertEquals(OPERATIONS, measurement.operations(), what);
      if (measured.id().equals("stream")) {
        assertEquals(Long.toString((long) OPERATIONS << 20), measurement.sum(), what);
      }
    } else {
      var nanos = assertInstanceOf(Answer.Latencies.class, answer, what).nanos();
      assertEquals(Quantiles.ALL.size(), nanos.size(), what);
      assertEquals(nanos.stream().sorted().toList(), nanos, what);
    }
  }

  private static Set<String> namesOfChildren(String... names) {
    return ProcessHandle.current()
        .descendants()
        .map(process -> process.info().command().orElse(""))
        .map(command -> Path.of(command).getFileName().toString())
        .filter(List.of(names)::contains)
        .collect(Collectors.toSet());
  }

  /** The names of the cgroups that a process has made. */
  private static List<String> cgroupsOf(long pid) {
    return List.of(
        cgroups.toFile().list((_, name) -> name.startsWith("purebpf-test-" + pid + "-")));
  }

  @Test
  void nothingStaysBehindWhenItIsKilled(@TempDir Path folder)
      throws IOException, InterruptedException {
    assumeTrue(
        Command.find("cc").isPresent() && Command.find("ip").isPresent(), "needs gcc and iproute2");
    var bench = bench(folder, System.getenv("PATH"), "quick", "--only", "connect-many");
    List<ProcessHandle> processes;
    try (var lines = bench.errorReader(StandardCharsets.UTF_8)) {
      String line = lines.readLine();
      while (line != null && !line.contains("warm-up 1")) {
        line = lines.readLine();
      }
      assertTrue(line != null, "it ended before it began");
      processes = bench.descendants().toList();
      // A server, a client, and who clears away.
      assertTrue(processes.size() >= 3, processes.toString());
      assertEquals(1, cgroupsOf(bench.pid()).size());
    } finally {
      bench.destroyForcibly().onExit().join();
    }
    Await.until(
        "the end of its processes", () -> processes.stream().noneMatch(ProcessHandle::isAlive));
    Await.until("the end of its cgroup", () -> cgroupsOf(bench.pid()).isEmpty());
  }

  @Test
  void namesThePackagesThatAreMissing(@TempDir Path folder) throws IOException {
    var bench = bench(folder, "/nonexistent", "smoke", "--only", "connect-byte");
    String output = new String(bench.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, bench.onExit().join().exitValue(), output);
    for (var way : Way.values()) {
      String expected = way.title + ": not installed: apt-get install gcc libc6-dev iproute2";
      assertTrue(output.contains(expected), output);
    }
  }

  private static Process bench(Path folder, String path, String... arguments) throws IOException {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Bench.class.getName()));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--out", folder.toString()));
    var builder = new ProcessBuilder(command);
    builder.environment().put("PATH", path);
    builder.environment().put("PUREBPF_ROOT", ROOT.toString());
    return builder.start();
  }
}
