package io.github.purebpf.redirect.cli;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.redirect.Connect4Redirect;
import io.github.purebpf.redirect.RedirectOptions;
import io.github.purebpf.redirect.Scope;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.SocketProgram;
import io.github.purebpf.redirect.TestBed;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.WeightedServer;
import io.github.purebpf.redirect.cli.demo.OwnJvm;
import io.github.purebpf.redirect.cli.metrics.ParsedExposition;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that read and change a pinned table. */
@RequiresKernel
@NoLeakedFds
class TableCommandsIT {
  private static final int BROKEN_FILES = 300;

  @TempDir private Path folder;
  private TestBed bed;
  private BpfFs pins;
  private Connect4Redirect redirect;
  private String pin;

  @BeforeEach
  void open() throws IOException {
    bed = new TestBed();
    pins = BpfFs.mountDetached();
    redirect = Connect4Redirect.open();
    pin = "--pin=" + pins.path().resolve("redirect");
    redirect.pin(pins.path().resolve("redirect"));
    redirect.attach(bed.cgroup.path());
  }

  @AfterEach
  void close() throws IOException {
    redirect.close();
    pins.close();
    bed.close();
  }

  private Path file(String content) throws IOException {
    return Files.writeString(folder.resolve("redirect.conf"), content);
  }

  private static Result ok(String... words) {
    var result = Result.of(words);
    assertEquals(ExitCode.OK, result.exitCode(), result.err());
    return result;
  }

  @Test
  void applyMakesTheTableEqualToTheFile() throws IOException {
    var file =
        file(
            """
            service %s
              server %s
              server 10.1.2.3:80 weight 7
            service 10.0.0.9:1
              policy sticky-container
              no-server deny
              keepalive 30s/10s/3/1500ms
            """
                .formatted(bed.vip, bed.a.server()));
    redirect.put(VirtualAddress.parse("10.0.0.8:1"), Server.parse("10.1.2.3:80"));
    var before = ok("list", pin).out();
    var dry = ok("apply", pin, "--dry-run", file.toString()).out();
    assertTrue(
        dry.endsWith(
            "2 added, 0 changed, 1 removed, 0 unchanged (a dry run, nothing is changed)\n"),
        dry);
    assertEquals(before, ok("list", pin).out());
    var out = ok("apply", pin, file.toString()).out();
    assertTrue(out.contains("\n+ 10.0.0.9:1 sticky-container no server\n"), out);
    var config = ok("list", pin, "--as-config").out();
    var again = ok("apply", pin, file(config).toString()).out();
    assertEquals("0 added, 0 changed, 0 removed, 2 unchanged\n", again);
    assertEquals(config, ok("list", pin, "--as-config").out());
  }

  @Test
  void aBrokenFileIsOneMessageAndChangesNothing() throws IOException {
    redirect.put(bed.vip, bed.a.server());
    var config = ok("list", pin, "--as-config").out();
    var random = new Random(1);
    for (int i = 0; i < BROKEN_FILES; i++) {
      var text = new StringBuilder("service 10.0.0.9:1\n").append(config);
      int at = random.nextInt(text.length());
      text.insert(at, List.of("?", "=", ",", "\u0000", "_").get(random.nextInt(5)));
      var path = file(text.toString());
      var result = Result.of("apply", pin, path.toString());
      assertEquals(ExitCode.CONFIG, result.exitCode(), text + result.out());
      assertEquals("", result.out());
      var lines = result.err().lines().toList();
      assertEquals(3, lines.size(), result.err());
      assertTrue(
          lines.getFirst().matches("connect4-redirect: .*redirect.conf:\\d+:\\d+: .+"),
          result.err());
      assertTrue(lines.getLast().matches("\\s*\\^"), result.err());
      assertEquals(config, ok("list", pin, "--as-config").out());
    }
  }

  @Test
  void aFileThatCannotBeReadIsNamed() throws IOException {
    var missing = Result.of("apply", pin, folder.resolve("none").toString());
    assertEquals(ExitCode.CONFIG, missing.exitCode());
    assertTrue(missing.onlyError().contains("there is no such file"), missing.err());
    var binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe});
    var wrong = Result.of("apply", pin, binary.toString());
    assertEquals(ExitCode.CONFIG, wrong.exitCode());
    assertTrue(wrong.onlyError().contains("it is no UTF-8 text"), wrong.err());
  }

  @Test
  void theFiguresAreThoseOfTheTable() throws IOException {
    redirect
        .table()
        .put(Service.of(bed.vip).withServers(List.of(new WeightedServer(bed.a.server(), 2))));
    var inside = Files.createDirectory(bed.cgroup.path().resolve("inside"));
    var client =
        bed.client(
            inside,
            OwnJvm.of(
                Path.of("target", "test-classes").toString(),
                SocketProgram.class,
                "--enable-native-access=ALL-UNNAMED"));
    get(client.ask("inet a"));
    assertEquals("0", get(client.ask("connect a inet " + bed.vip.toString().replace(':', ' '))));
    var stats = ok("stats", pin, "--containers").out();
    assertTrue(stats.matches("(?s).* active +1 +1 +0 +0 +1 +1\n.*"), stats);
    assertTrue(stats.contains("  1 open since 20"), stats);
    assertTrue(stats.contains("/inside\n"), stats);
    var json = ok("stats", pin, "--json").out();
    assertTrue(json.contains("\"attempted\":1,\"established\":1,\"failed\":0"), json);
    assertTrue(json.contains("/inside\",\"open\":1,\"since\":\"20"), json);
    var server = Map.of("vip", bed.vip.toString(), "server", bed.a.server().toString());
    var metrics = ParsedExposition.parse(ok("metrics", pin).out());
    assertEquals(1, metrics.value("connect4_redirect_connections_open", server));
    assertEquals(1, metrics.value("connect4_redirect_table_entries", Map.of("entry", "vip")));
    get(client.ask("close a"));
    var after = ParsedExposition.parse(ok("metrics", pin).out());
    assertEquals(0, after.value("connect4_redirect_connections_open", server));
    assertEquals(1, after.value("connect4_redirect_connects_established_total", server));
  }

  @Test
  void traceTellsWhetherACgroupIsMeant() {
    var folder = pins.path().resolve("listed");
    try (var other = Connect4Redirect.open(RedirectOptions.DEFAULT.withScope(Scope.LISTED))) {
      other.put(bed.vip, bed.a.server());
      other.pin(folder);
      var pinned = "--pin=" + folder;
      var ignored = ok("trace", pinned, "--cgroup=" + bed.cgroup, bed.vip.toString()).out();
      assertEquals(
          """
          1. %s is mapped
          2. %s is not listed and the scope is listed: left alone
          3. it goes to %s itself
          """
              .formatted(bed.vip, bed.cgroup, bed.vip),
          ignored);
      other.table().listCgroup(bed.cgroup.path());
      var meant = ok("trace", pinned, "--cgroup=" + bed.cgroup, bed.vip.toString()).out();
      assertTrue(
          meant.contains("2. " + bed.cgroup + " is listed and the scope is listed: redirected"),
          meant);
      assertTrue(meant.endsWith("it goes to " + bed.a.server() + "\n"), meant);
    }
  }

  @Test
  void traceTellsAndConnectsNothing() {
    redirect.put(bed.vip, bed.a.server());
    var trace = ok("trace", pin, "--cgroup=" + bed.cgroup, bed.vip.toString()).out();
    assertTrue(trace.startsWith("1. " + bed.vip + " is mapped\n2. the scope is all: "), trace);
    assertTrue(trace.endsWith("5. it goes to " + bed.a.server() + "\n"), trace);
    var json = ok("trace", pin, "--json", bed.vip.toString()).out();
    assertTrue(json.contains("\"steps\":[\"" + bed.vip + " is mapped\",\"the scope is"), json);
    assertTrue(json.endsWith("\"port\":%d}}\n".formatted(bed.a.server().port())), json);
    var none = Result.of("trace", pin, "10.0.0.9:9");
    assertEquals(ExitCode.NOT_MAPPED, none.exitCode());
    assertTrue(none.onlyError().contains("10.0.0.9:9 is not mapped"), none.err());
    var stats = ok("stats", pin).out();
    assertTrue(stats.matches("(?s).* active +0 +0 +0 +0 +0 +0\n"), stats);
  }

  @Test
  void metricsAreServedUntilASignal() throws IOException, InterruptedException {
    redirect.put(bed.vip, bed.a.server());
    var socket = folder.resolve("socket");
    try (var process =
        CommandProcess.start("metrics", pin, "--listen=127.0.0.1:0", "--unix=" + socket)) {
      var line = process.line();
      assertTrue(line.matches("ready: http://127.0.0.1:\\d+/metrics"), line);
      assertEquals("ready: " + socket, process.line());
      var url = URI.create(line.substring("ready: ".length())).toURL();
      try (var in = url.openStream()) {
        var text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(ParsedExposition.parse(text).families().size() > 10, text);
      }
      process.signal("TERM");
      assertEquals(0, process.end());
      assertTrue(Files.notExists(socket));
    }
  }

  @Test
  void runFollowsItsFile() throws IOException, InterruptedException {
    redirect.close();
    var file = file("service %s\n  server %s\n".formatted(bed.vip, bed.a.server()));
    try (var process =
        CommandProcess.start("run", "--cgroup=" + bed.cgroup, pin, "--config=" + file)) {
      process.awaitLine("ready: 1 address mapped");
      var client = bed.jvm();
      var ask = "socket " + bed.vip.toString().replace(':', ' ');
      assertEquals("served A", get(client.ask(ask)));
      file("service %s\n  server %s\n".formatted(bed.vip, bed.b.server()));
      process.awaitLine("reloaded: 0 added, 1 changed, 0 removed, 0 unchanged");
      assertEquals("served B", get(client.ask(ask)));
      file("service %s\n  sever %s\n".formatted(bed.vip, bed.a.server()));
      process.awaitLine("did you mean server?");
      assertEquals("served B", get(client.ask(ask)));
      ok("set", pin, bed.vip + "=" + bed.a.server());
      assertEquals("served A", get(client.ask(ask)));
      file("# nothing\n");
      process.awaitLine("reloaded: 0 added, 0 changed, 1 removed, 0 unchanged");
      assertEquals("refused", get(client.ask(ask)));
      process.signal("TERM");
      assertEquals(0, process.end());
    }
  }
}
