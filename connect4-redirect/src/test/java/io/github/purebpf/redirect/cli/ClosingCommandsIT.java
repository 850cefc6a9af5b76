package io.github.purebpf.redirect.cli;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.redirect.HoldingServer;
import io.github.purebpf.redirect.Policy;
import io.github.purebpf.redirect.RedirectTable;
import io.github.purebpf.redirect.ReturningProgram;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.ServerTraffic;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.SocketProgram;
import io.github.purebpf.redirect.TestBed;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.redirect.cli.demo.OwnJvm;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands that close connections, on a redirector that no process has. */
@RequiresKernel
@NoLeakedFds
class ClosingCommandsIT {
  private static final String ECONNABORTED = "-103";

  private TestBed bed;
  private BpfFs pins;
  private HoldingServer x;
  private HoldingServer y;
  private RedirectTable table;
  private String pin;
  private String vip;

  @BeforeEach
  void open() throws IOException {
    bed = new TestBed();
    pins = BpfFs.mountDetached();
    x = HoldingServer.start("X1");
    y = HoldingServer.start("Y1");
    var folder = pins.path().resolve("redirect");
    pin = "--pin=" + folder;
    vip = bed.vip.toString();
    var attached =
        Result.of("attach", pin, "--cgroup=" + bed.cgroup, "--vip=" + vip + "=" + x.server());
    assertEquals(ExitCode.OK, attached.exitCode(), attached.err());
    table = RedirectTable.openPinned(folder);
  }

  @AfterEach
  void close() throws IOException {
    table.close();
    Result.of("detach", pin);
    x.close();
    y.close();
    pins.close();
    bed.close();
  }

  private Client client(Class<?> program) throws IOException {
    return bed.client(
        bed.cgroup.path(),
        OwnJvm.of(
            Path.of("target", "test-classes").toString(),
            program,
            "--enable-native-access=ALL-UNNAMED"));
  }

  /** Opens a socket and connects it; the server's name. */
  private String connect(Client client, String name, String family) {
    get(client.ask(family + " " + name));
    assertEquals(
        "0", get(client.ask("connect %s %s %s".formatted(name, family, vip.replace(':', ' ')))));
    return get(client.ask("receive " + name));
  }

  private List<ServerTraffic> traffic() {
    return table.traffic(bed.vip).orElseThrow().servers();
  }

  private Result drain(String... more) {
    var words = new ArrayList<>(List.of("drain", pin));
    words.addAll(List.of(more));
    words.addAll(List.of(vip, x.server().toString()));
    return Result.of(words.toArray(String[]::new));
  }

  @Test
  void whatIsLeftAtTheDeadlineIsClosedAndConnectsElsewhere() throws Exception {
    var client = client(SocketProgram.class);
    assertEquals("X1", connect(client, "a", "inet"));
    assertEquals("X1", connect(client, "b", "inet6"));
    table.put(Service.of(bed.vip, x.server(), y.server()));
    var reading = client.ask("receive a");
    var result = drain("--deadline=0", "--rate=1000");
    assertEquals(ExitCode.OK, result.exitCode(), result.err());
    assertEquals(
        """
        %s gets no more connects to %s; its 2 connections may end until 0s from now
        %s is out of use for %s: 0 ended by themselves, 2 were closed, none is left
        """
            .formatted(x.server(), vip, x.server(), vip),
        result.out());
    assertEquals("", result.err());
    assertEquals(ECONNABORTED, get(reading));
    assertEquals("Y1", connect(client, "c", "inet"));
    assertEquals(List.of(new ServerTraffic(y.server(), true, 1, 1, 0, 0, 1)), traffic());
    assertEquals(
        "%s is no server of %s and has no connections to it; nothing is to do\n"
            .formatted(x.server(), vip),
        drain().out());
  }

  @Test
  void theReportIsALineOfJson() throws Exception {
    var client = client(SocketProgram.class);
    assertEquals("X1", connect(client, "a", "inet"));
    assertEquals(
        "{\"vip\":{\"address\":\"127.77.0.1\",\"port\":%d},\"server\":{\"address\":\"127.0.0.1\",\"port\":%d},\"ended\":0,\"closed\":1,\"gone\":0,\"left\":0,\"unreachable\":[]}\n"
            .formatted(bed.vip.port(), x.server().port()),
        drain("--json", "--deadline=1ms").out());
  }

  /** A shell that starts something in the background lets it ignore SIGINT, hence env. */
  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT", "HUP"})
  void aSignalLeavesTheServerOutOfUseAndItsConnectionsOpen(String signal) throws Exception {
    var client = client(SocketProgram.class);
    assertEquals("X1", connect(client, "a", "inet"));
    table.put(Service.of(bed.vip, x.server(), y.server()));
    try (var process =
        CommandProcess.startWith(
            List.of("env", "--default-signal=" + signal),
            "drain",
            pin,
            "--deadline=1h",
            vip,
            x.server().toString())) {
      assertTrue(process.line().endsWith("its connection may end until 3600s from now"));
      Await.until("it is out of use", () -> !traffic().getLast().active());
      process.signal(signal);
      assertEquals(
          "connect4-redirect: drain: interrupted; %s stays out of use for %s and keeps the connections that it has; the same again goes on\n"
              .formatted(x.server(), vip),
          process.rest());
      assertEquals(ExitCode.INTERRUPTED.status(), process.end());
    }
    assertEquals(new ServerTraffic(x.server(), false, 1, 1, 0, 0, 1), traffic().getLast());
    x.sayAgain();
    assertEquals("X1", get(client.ask("receive a")));
    assertEquals("Y1", connect(client, "b", "inet6"));
    assertTrue(drain("--deadline=0").out().contains("0 ended by themselves, 1 were closed"));
  }

  @Test
  void aServerThatIsPutBackIsNotDrainedToTheEnd() throws Exception {
    var client = client(SocketProgram.class);
    assertEquals("X1", connect(client, "a", "inet"));
    try (var process =
        CommandProcess.start("drain", pin, "--deadline=1h", vip, x.server().toString())) {
      process.awaitLine("gets no more connects");
      Await.until("it is out of use", () -> !traffic().getLast().active());
      Result.of("set", pin, vip + "=" + x.server());
      assertEquals(
          "connect4-redirect: drain: %s is a server of %s again; no more of its connections are closed\n"
              .formatted(x.server(), vip),
          process.rest());
      assertEquals(ExitCode.LEFT.status(), process.end());
    }
    x.sayAgain();
    assertEquals("X1", get(client.ask("receive a")));
  }

  /** In a namespace of its own, which it may not leave without CAP_SYS_ADMIN. */
  @Test
  void whatCannotBeClosedIsLeftAndHasAStatusOfItsOwn() throws Exception {
    var client = client(SocketProgram.class);
    assertEquals("X1", connect(client, "a", "inet"));
    try (var process =
        CommandProcess.startWith(
            List.of(
                "unshare",
                "--net",
                "setpriv",
                "--bounding-set=-all,+bpf,+net_admin,+sys_ptrace",
                "--inh-caps=-all",
                "--ambient-caps=-all"),
            "drain",
            pin,
            "--deadline=0",
            vip,
            x.server().toString())) {
      var output = process.rest();
      assertEquals(ExitCode.LEFT.status(), process.end(), output);
      var lines = output.lines().toList();
      assertTrue(lines.get(1).endsWith("0 were closed, 1 is left"), output);
      assertEquals(
          "connect4-redirect: drain: 1 connection to %s could not be closed; not reached were:"
              .formatted(x.server()),
          lines.get(2));
      assertTrue(lines.size() > 3, output);
    }
    x.sayAgain();
    assertEquals("X1", get(client.ask("receive a")));
  }

  @Test
  void aServerThatJoinsGetsItsShare() throws Exception {
    var client = client(ReturningProgram.class);
    var ask = "hold 10 " + vip.replace(':', ' ');
    assertEquals("X1 ".repeat(10).strip(), get(client.ask(ask)));
    table.put(Service.of(bed.vip, x.server(), y.server()));
    var result = Result.of("rebalance", pin, "--share=100%", vip);
    assertEquals("the connections to %s are even: 5 were closed\n".formatted(vip), result.out());
    assertEquals(ExitCode.OK, result.exitCode(), result.err());
    Await.until(
        "five and five", () -> traffic().stream().map(ServerTraffic::open).allMatch(n -> n == 5));
    Await.until(
        "five are served by Y",
        () ->
            List.of(get(client.ask("servers")).split(" ")).stream().filter("Y1"::equals).count()
                == 5);
    assertEquals(
        "{\"vip\":{\"address\":\"127.77.0.1\",\"port\":%d},\"closed\":0,\"gone\":0,\"even\":true,\"failing\":null,\"unreachable\":[]}\n"
            .formatted(bed.vip.port()),
        Result.of("rebalance", pin, "--json", vip).out());
  }

  @Test
  void aServerThatTakesNoConnectionsStopsIt() throws Exception {
    var client = client(ReturningProgram.class);
    get(client.ask("hold 10 " + vip.replace(':', ' ')));
    var nobody = Server.parse("127.0.0.1:" + bed.vip.port());
    table.put(Service.of(bed.vip, x.server(), nobody));
    try (var process = CommandProcess.start("rebalance", pin, "--share=10%", "--json", vip)) {
      var json = process.line();
      assertTrue(
          json.contains(
              "\"even\":false,\"failing\":{\"address\":\"127.0.0.1\",\"port\":" + bed.vip.port()),
          json);
      assertEquals(
          "connect4-redirect: rebalance: stopped, because a connect to %s has failed; see whether it listens and is reachable\n"
              .formatted(nobody),
          process.rest());
      assertEquals(ExitCode.LEFT.status(), process.end());
    }
  }

  @Test
  void aSignalStopsRebalancing() throws Exception {
    var client = client(ReturningProgram.class);
    get(client.ask("hold 10 " + vip.replace(':', ' ')));
    table.put(Service.of(bed.vip, x.server(), y.server()));
    try (var process = CommandProcess.start("rebalance", pin, "--share=0.1%", vip)) {
      Await.until("one has moved", () -> traffic().getLast().open() == 1);
      process.signal("TERM");
      assertEquals(
          "connect4-redirect: rebalance: interrupted; what is not closed yet stays, and the same again goes on\n",
          process.rest());
      assertEquals(ExitCode.INTERRUPTED.status(), process.end());
    }
    assertEquals(List.of(9L, 1L), traffic().stream().map(ServerTraffic::open).toList());
  }

  @Test
  void whatIsNotMappedOrPlacedOtherwiseIsRefused() throws Exception {
    var nowhere = VirtualAddress.parse("127.77.0.9:1").toString();
    var drain = Result.of("drain", pin, nowhere, x.server().toString());
    assertEquals(ExitCode.NOT_MAPPED, drain.exitCode());
    assertTrue(drain.onlyError().contains(nowhere + " is not mapped"), drain.err());
    var rebalance = Result.of("rebalance", pin, nowhere);
    assertEquals(ExitCode.NOT_MAPPED, rebalance.exitCode());
    assertTrue(rebalance.onlyError().contains(nowhere + " is not mapped"), rebalance.err());
    table.put(Service.of(bed.vip, x.server()).withPolicy(Policy.ROUND_ROBIN));
    var other = Result.of("rebalance", pin, vip);
    assertEquals(ExitCode.LEFT, other.exitCode());
    assertTrue(
        other.onlyError().contains("is round-robin, and only least-connections"), other.err());
    var none = Result.of("drain", "--pin=" + pins.path().resolve("none"), vip, "127.0.0.1:1");
    assertEquals(ExitCode.PIN, none.exitCode());
    assertFalse(none.onlyError().isEmpty());
  }
}
