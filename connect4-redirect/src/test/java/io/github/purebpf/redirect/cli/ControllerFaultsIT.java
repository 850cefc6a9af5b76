package io.github.purebpf.redirect.cli;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.redirect.TestBed;
import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.redirect.consul.FakeConsul;
import io.github.purebpf.redirect.consul.TestAuthority;
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
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong around a controller that runs, and that it goes on without a restart. */
@RequiresKernel
@NoLeakedFds
class ControllerFaultsIT {
  private static final List<String> INTO_FULL = List.of("sh", "-c", "exec \"$@\" >/dev/full", "sh");

  /** The file is there and fills its file system; what has become of it follows the command. */
  private static final String ON_FULL_FILE_SYSTEM =
      """
      mount -t tmpfs -o size=4k none "$0"
      printf old > "$0/bootstrap"
      "$@"
      echo "exit status $?"
      ls -A "$0"
      cat "$0/bootstrap"
      """;

  @TempDir private static Path shared;
  @TempDir private Path folder;
  private static TestAuthority authority;
  private TestBed bed;
  private BpfFs pins;
  private Client client;

  /** The first is valid, the second no longer, and the third follows it. */
  @BeforeAll
  static void makeCertificates() {
    authority = new TestAuthority(shared);
    sign("first", "90");
    sign("expired", "1");
    sign("renewed", "90");
  }

  /** Valid from the day before yesterday on. */
  private static void sign(String name, String days) {
    authority.sign(
        name, "-keyalg", "EC", "-startdate", "-2d", "-validity", days, "-ext", "san=ip:127.0.0.1");
  }

  @BeforeEach
  void open() throws IOException {
    bed = new TestBed();
    pins = BpfFs.mountDetached();
    client = bed.jvm();
  }

  @AfterEach
  void close() throws IOException {
    pins.close();
    bed.close();
  }

  private CommandProcess start(List<String> prefix, FakeConsul consul, String... more)
      throws IOException {
    var words =
        new ArrayList<>(
            List.of(
                "controller",
                "--pin=" + pins.path().resolve("redirect"),
                "--vip=" + bed.vip,
                "--consul=" + consul.uri(),
                "--cgroup=" + bed.cgroup,
                "--hold=0"));
    words.addAll(List.of(more));
    return CommandProcess.startWith(prefix, words.toArray(String[]::new));
  }

  private void assertAnswers(String expected) {
    assertEquals(expected, get(client.ask("socket " + bed.vip.toString().replace(':', ' '))));
  }

  /** A fault comes, is told, takes no server away, and goes. */
  private void assertOutlives(
      CommandProcess controller, FakeConsul consul, Change fault, String told, Change mend)
      throws Exception {
    controller.awaitLine(" server-joined server=" + bed.a.server());
    assertAnswers("served A");
    fault.make();
    consul.touch(); // the request that Consul holds is answered, and the next one fails
    controller.awaitLine(told);
    assertAnswers("served A");
    mend.make();
    controller.awaitLine(" source-fine");
    consul.join("n2", bed.b.server());
    controller.awaitLine(" server-joined server=" + bed.b.server());
    consul.leave("n1");
    controller.awaitLine(" server-left server=" + bed.a.server());
    assertAnswers("served B");
    controller.signal("TERM");
    assertEquals(0, controller.end());
  }

  private interface Change {
    void make() throws Exception;
  }

  @Test
  void aTokenIsRotated() throws Exception {
    var token = Files.writeString(folder.resolve("token"), "old\n");
    try (var consul = FakeConsul.start()) {
      consul.permit("old");
      consul.join("n1", bed.a.server());
      try (var controller = start(List.of(), consul, "--token-file=" + token)) {
        assertOutlives(
            controller,
            consul,
            () -> consul.permit("new"),
            "it does not know our token (403 ACL not found): put one that is valid into " + token,
            () -> Files.writeString(token, "new\n"));
      }
    }
  }

  @Test
  void theCertificateOfTheServerExpiresAndIsRenewed() throws Exception {
    try (var consul = FakeConsul.startTls(authority.server("first"), false)) {
      consul.addHeader("Connection", "close"); // else the old one is good for as long as it lasts
      consul.join("n1", bed.a.server());
      try (var controller = start(List.of(), consul, "--ca-file=" + authority.certificate("ca"))) {
        assertOutlives(
            controller,
            consul,
            () -> consul.renewTls(authority.server("expired")),
            "its certificate has expired (NotAfter: ",
            () -> consul.renewTls(authority.server("renewed")));
      }
    }
  }

  @Test
  void ourCertificateExpiresAndIsRenewed() throws Exception {
    var certificate = folder.resolve("our.pem");
    var key = folder.resolve("our.key");
    put("first", certificate, key);
    try (var consul = FakeConsul.startTls(authority.server("first"), true)) {
      consul.join("n1", bed.a.server());
      try (var controller =
          start(
              List.of(),
              consul,
              "--ca-file=" + authority.certificate("ca"),
              "--cert-file=" + certificate,
              "--key-file=" + key)) {
        assertOutlives(
            controller,
            consul,
            () -> put("expired", certificate, key),
            "our certificate in " + certificate + " has expired on 20",
            () -> put("renewed", certificate, key));
      }
    }
  }

  private static void put(String name, Path certificate, Path key) throws Exception {
    Files.copy(authority.key(name), key, StandardCopyOption.REPLACE_EXISTING);
    Files.copy(authority.certificate(name), certificate, StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void theLogCannotBeWritten() throws Exception {
    int port;
    try (var free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      port = free.getLocalPort();
    }
    var place = URI.create("http://127.0.0.1:" + port);
    try (var consul = FakeConsul.start()) {
      consul.join("n1", bed.a.server());
      try (var controller = start(INTO_FULL, consul, "--listen=127.0.0.1:" + port)) {
        controller.awaitLine("connect4-redirect: the log cannot be written");
        Await.until("it is ready", () -> status(place, "/readyz") == 200);
        assertAnswers("served A");
        consul.join("n2", bed.b.server());
        consul.leave("n1");
        Await.until("it has followed", () -> figures(place).contains(bed.b.server() + "\"}"));
        Await.until("it has followed", () -> !figures(place).contains(bed.a.server() + "\""));
        assertAnswers("served B");
        assertEquals(200, status(place, "/healthz"));
        assertEquals(200, status(place, "/readyz"));
        controller.signal("TERM");
        assertEquals(0, controller.end());
        assertEquals("", controller.rest(), "it was said once");
      }
    }
  }

  /** 0 while nobody answers. */
  private static int status(URI place, String path) {
    try {
      return ask(place, path).statusCode();
    } catch (IOException e) {
      return 0;
    }
  }

  private static String figures(URI place) {
    try {
      return ask(place, "/metrics").body();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static HttpResponse<String> ask(URI place, String path) throws IOException {
    try (var http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(place.resolve(path)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theBootstrapForEnvoyDoesNotFit() throws Exception {
    var place = Files.createDirectory(folder.resolve("small"));
    var prefix = List.of("unshare", "--mount", "sh", "-c", ON_FULL_FILE_SYSTEM, place.toString());
    var file = place.resolve("bootstrap");
    try (var process =
        CommandProcess.startWith(
            prefix,
            "envoy-bootstrap",
            "--vip=10.0.0.1:8503",
            "--node-id=web",
            "--node-name=n1",
            "--plaintext",
            "--out=" + file)) {
      var output = process.rest();
      assertEquals(
          """
          connect4-redirect: envoy-bootstrap: --out: %s cannot be written and is as it was: \
          No space left on device
          exit status %d
          bootstrap
          old"""
              .formatted(file, ExitCode.NOT_WRITTEN.status()),
          output);
      assertEquals(0, process.end());
    }
    assertEquals(List.of(), List.of(place.toFile().list()), "the mount is gone");
  }
}
