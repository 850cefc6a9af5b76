package io.github.purebpf.redirect.cli;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.redirect.AddressRange;
import io.github.purebpf.redirect.PersistentRedirect;
import io.github.purebpf.redirect.RedirectTable;
import io.github.purebpf.redirect.TestBed;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.redirect.cli.demo.DemoConsul;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The controller as a process: it follows Consul, and what it has done outlives it. */
@RequiresKernel
@NoLeakedFds
class ControllerCommandIT {
  private static final Pattern LISTEN = Pattern.compile("\"listen\":\"(http://[^\"]+)\"");

  private TestBed bed;
  private BpfFs pins;
  private Path folder;
  private String pin;

  @BeforeEach
  void open() throws IOException {
    bed = new TestBed();
    pins = BpfFs.mountDetached();
    folder = pins.path().resolve("redirect");
    pin = "--pin=" + folder;
  }

  @AfterEach
  void close() throws IOException {
    pins.close();
    bed.close();
  }

  private CommandProcess start(DemoConsul consul, String... more) throws IOException {
    var words =
        new ArrayList<>(
            List.of(
                "controller",
                pin,
                "--vip=" + bed.vip,
                "--consul=" + consul.uri(),
                "--cgroup=" + bed.cgroup,
                "--listen=127.0.0.1:0",
                "--log=json",
                "--hold=0"));
    words.addAll(List.of(more));
    return CommandProcess.start(words.toArray(String[]::new));
  }

  /** Where it answers, from the line that says it is ready. */
  private static URI ready(CommandProcess controller) throws IOException {
    for (var line = controller.line(); line != null; line = controller.line()) {
      if (line.contains("\"event\":\"ready\"")) {
        var address = LISTEN.matcher(line);
        assertTrue(address.find(), line);
        return URI.create(address.group(1));
      }
    }
    throw new AssertionError("it has ended");
  }

  private static HttpResponse<String> ask(URI place, String path)
      throws IOException, InterruptedException {
    try (var http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(place.resolve(path)).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  /** The servers may be known before it is ready or behind that. */
  private static void awaitServers(URI place) throws InterruptedException {
    Await.until("servers are known", () -> isReady(place));
  }

  private static String figures(URI place) {
    return text(place, "/metrics");
  }

  private static String text(URI place, String path) {
    try {
      return ask(place, path).body();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isReady(URI place) {
    try {
      return ask(place, "/readyz").statusCode() == 200;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void assertAnswers(String expected, Client client) {
    assertEquals(expected, get(client.ask("socket " + bed.vip.toString().replace(':', ' '))));
  }

  @Test
  void connectsFollowConsul() throws Exception {
    var client = bed.jvm();
    try (var consul = DemoConsul.start()) {
      consul.join("n1", bed.a.server());
      try (var controller = start(consul)) {
        var place = ready(controller);
        awaitServers(place);
        assertAnswers("served A", client);
        assertEquals(200, ask(place, "/healthz").statusCode());
        var figures = ask(place, "/metrics").body();
        assertTrue(
            figures.contains("connect4_redirect_known_servers{standing=\"active\"} 1\n"), figures);

        consul.join("n2", bed.b.server());
        controller.awaitLine("\"event\":\"server-joined\",\"server\":\"" + bed.b.server() + "\"");
        consul.leave("n1");
        controller.awaitLine("\"event\":\"server-left\",\"server\":\"" + bed.a.server() + "\"");
        assertAnswers("served B", client);
        consul.leave("n2");
        controller.awaitLine("the source names no server; those of before are kept");
        assertAnswers("served B", client);
        assertEquals(200, ask(place, "/readyz").statusCode());
        var said =
            "the source names no server; those of before are kept; servers were named last 20";
        Await.until("it is told", () -> Result.of("list", pin).out().contains(said));
        assertTrue(Result.of("list", pin).out().contains("\n# consul"));
        var doctor = Result.of("doctor", pin);
        assertTrue(doctor.out().contains("warning  source"), doctor.out());
        controller.signal("TERM");
        assertEquals(0, controller.end());
        assertTrue(controller.rest().contains("\"event\":\"stopped\""));
      }
    }
    assertAnswers("served B", client);
    var detached = Result.of("detach", pin);
    assertEquals(ExitCode.OK, detached.exitCode(), detached.err());
    assertAnswers("refused", client);
  }

  @Test
  void containersGetAddressesOfTheirOwn() throws Exception {
    var slice = bed.cgroup.child("slice");
    var a = Files.createDirectory(slice.resolve("a"));
    var below = Files.createDirectory(a.resolve("below"));
    var range = AddressRange.parse("127.79.0.0/24:" + bed.vip.port());
    try (var consul = DemoConsul.start()) {
      consul.join("n1", bed.a.server());
      try (var controller =
          CommandProcess.start(
              "controller",
              pin,
              "--vip-range=" + range,
              "--consul=" + consul.uri(),
              "--follow=" + slice,
              "--listen=127.0.0.1:0",
              "--log=json")) {
        var place = ready(controller);
        awaitServers(place);
        assertTrue(figures(place).contains("connect4_redirect_leased_addresses 1\n"));
        controller.signal("KILL");
        controller.end();
      }
      var list = Result.of("list", pin, "--cgroup=" + a).out();
      var vip = VirtualAddress.parse(list.substring(0, list.indexOf(' ')));
      assertTrue(range.contains(vip), list);
      assertTrue(list.endsWith(bed.a.server() + " # " + a + "\n"), list);
      assertEquals("", Result.of("list", pin, "--cgroup=" + below).out());
      var bootstrap =
          Result.of(
              "envoy-bootstrap",
              pin,
              "--cgroup=" + below,
              "--node-id=web",
              "--node-name=n",
              "--plaintext");
      assertTrue(bootstrap.out().contains(vip.address().toString()), bootstrap.toString());
      var other =
          Result.of("envoy-bootstrap", pin, "--cgroup=/other", "--node-id=a", "--node-name=b");
      assertEquals(ExitCode.NOT_MAPPED, other.exitCode(), other.err());
      var client = bed.client(below, TestBed.jvmCommand());
      assertEquals("served A", get(client.ask("socket " + vip.toString().replace(':', ' '))));
    }
  }

  @Test
  void aRangeThatIsFullIsSaid() throws Exception {
    var a = bed.cgroup.child("a");
    var b = bed.cgroup.child("b");
    try (var controller =
        CommandProcess.start(
            "controller",
            pin,
            "--vip-range=127.79.0.1/32:80",
            "--addresses=exec=echo 127.0.0.1",
            "--cgroup=" + a,
            "--cgroup=" + b)) {
      controller.awaitLine("none of the 1 addresses of 127.79.0.1/32:80 is free");
      assertEquals(ExitCode.FULL.status(), controller.end());
    }
    assertEquals(Optional.empty(), PersistentRedirect.look(folder));
  }

  @Test
  void aControllerThatWasKilledIsFollowedByOneThatKnowsNoMore() throws Exception {
    var client = bed.jvm();
    var consul = DemoConsul.start();
    try (consul) {
      consul.join("n1", bed.a.server());
      try (var controller = start(consul)) {
        awaitServers(ready(controller));
        controller.signal("KILL");
        controller.end();
      }
    }
    assertAnswers("served A", client);
    // Consul is gone as well.
    try (var controller = start(consul)) {
      var place = ready(controller);
      Await.until(
          "it is said", () -> figures(place).contains("connect4_redirect_source_problem{source="));
      assertAnswers("served A", client);
      assertEquals(200, ask(place, "/readyz").statusCode());
      assertEquals(200, ask(place, "/healthz").statusCode());
      var figures = figures(place);
      assertTrue(figures.contains("} 0\n# HELP connect4_redirect_source_problem"), figures);
      assertTrue(
          figures.contains("connect4_redirect_known_servers{standing=\"active\"} 1\n"), figures);
      controller.signal("TERM");
      assertEquals(0, controller.end());
    }
    assertAnswers("served A", client);
  }

  @Test
  void withoutAServerItIsNotReadyAndSaysWhy() throws Exception {
    var client = bed.jvm();
    var consul = DemoConsul.start();
    consul.close();
    try (var controller = start(consul)) {
      var place = ready(controller);
      Await.until("it is known", () -> text(place, "/readyz").contains(consul.uri().toString()));
      var answer = ask(place, "/readyz");
      assertEquals(503, answer.statusCode());
      assertTrue(answer.body().startsWith("no server is known: "), answer.body());
      assertEquals(200, ask(place, "/healthz").statusCode());
      assertAnswers("refused", client);
    }
  }

  @Test
  void whatCannotBeginLeavesNothing() throws Exception {
    try (var consul = DemoConsul.start();
        var taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      try (var controller = start(consul)) {
        ready(controller);
        controller.signal("TERM");
        controller.end();
      }
      var before = PersistentRedirect.look(folder);
      var listen = "--listen=127.0.0.1:" + taken.getLocalPort();
      var words = "controller %s --vip=10.9.9.9:1 --consul=%s --cgroup=%s %s";
      assertCannotListen(words.formatted(pin, consul.uri(), bed.cgroup, listen));
      assertEquals(before, PersistentRedirect.look(folder));
      try (var table = RedirectTable.openPinned(folder)) {
        assertEquals(Set.of(bed.vip), table.list().keySet());
      }
      assertEquals(ExitCode.OK, Result.of("detach", pin).exitCode());
      assertCannotListen(words.formatted(pin, consul.uri(), bed.cgroup, listen));
      assertEquals(Optional.empty(), PersistentRedirect.look(folder));
    }
  }

  private static void assertCannotListen(String words) throws Exception {
    try (var controller = CommandProcess.start(words.split(" "))) {
      controller.awaitLine("controller: cannot listen: ");
      assertEquals(ExitCode.IN_USE.status(), controller.end());
    }
  }

  @Test
  void aSecondControllerIsRefusedUnlessItTakesOver() throws Exception {
    try (var consul = DemoConsul.start()) {
      consul.join("n1", bed.a.server());
      try (var first = start(consul)) {
        ready(first);
        try (var second = start(consul)) {
          assertTrue(second.rest().contains("--take-over"));
          assertEquals(ExitCode.IN_USE.status(), second.end());
        }
        try (var third = start(consul, "--take-over")) {
          awaitServers(ready(third));
          consul.join("n2", bed.b.server());
          first.awaitLine("has the work now");
          assertEquals(ExitCode.IN_USE.status(), first.end());
        }
      }
    }
  }
}
