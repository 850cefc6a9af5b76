package io.github.purebpf.redirect.cli;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.redirect.TestBed;
import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.redirect.cli.demo.DemoConsul;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
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
  private String pin;

  @BeforeEach
  void open() throws IOException {
    bed = new TestBed();
    pins = BpfFs.mountDetached();
    pin = "--pin=" + pins.path().resolve("redirect");
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
        controller.awaitLine("\"event\":\"server-joined\",\"server\":\"" + bed.a.server() + "\"");
        assertAnswers("served A", client);
        assertEquals(200, ask(place, "/readyz").statusCode());
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
  void aControllerThatWasKilledIsFollowedByOneThatKnowsNoMore() throws Exception {
    var client = bed.jvm();
    var consul = DemoConsul.start();
    try (consul) {
      consul.join("n1", bed.a.server());
      try (var controller = start(consul)) {
        ready(controller);
        controller.awaitLine("server-joined");
        controller.signal("KILL");
        controller.end();
      }
    }
    assertAnswers("served A", client);
    // Consul is gone as well.
    try (var controller = start(consul)) {
      var place = ready(controller);
      controller.awaitLine("source-trouble");
      assertAnswers("served A", client);
      assertEquals(200, ask(place, "/readyz").statusCode());
      assertEquals(200, ask(place, "/healthz").statusCode());
      var figures = ask(place, "/metrics").body();
      assertTrue(figures.contains("connect4_redirect_source_up{source="), figures);
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
      controller.awaitLine("source-trouble");
      var answer = ask(place, "/readyz");
      assertEquals(503, answer.statusCode());
      assertTrue(answer.body().startsWith("no server is known: "), answer.body());
      assertTrue(answer.body().contains(consul.uri().toString()), answer.body());
      assertEquals(200, ask(place, "/healthz").statusCode());
      assertAnswers("refused", client);
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
          ready(third);
          third.awaitLine("server-joined");
          consul.join("n2", bed.b.server());
          first.awaitLine("another process has taken over");
        }
      }
    }
  }
}
