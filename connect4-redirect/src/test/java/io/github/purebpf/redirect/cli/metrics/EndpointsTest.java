package io.github.purebpf.redirect.cli.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointsTest {
  private static final Answer FIGURES = Answer.figures("a 1\n");
  private static final Answer NONE = Answer.sentence(503, "there is no table");

  @TempDir private Path folder;

  private static HttpEndpoint http(Routes routes) throws IOException {
    return HttpEndpoint.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), routes);
  }

  private static HttpURLConnection ask(HttpEndpoint endpoint, String method, String path)
      throws IOException {
    var uri =
        URI.create(
            "http://%s:%d%s"
                .formatted(
                    endpoint.address().getAddress().getHostAddress(),
                    endpoint.address().getPort(),
                    path));
    var connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setRequestMethod(method);
    return connection;
  }

  private static String read(HttpURLConnection connection) throws IOException {
    try (var in =
        connection.getResponseCode() == 200
            ? connection.getInputStream()
            : connection.getErrorStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void theFiguresAreServedOverHttp() throws IOException {
    try (var endpoint = http(Routes.metrics(() -> FIGURES))) {
      var connection = ask(endpoint, "GET", "/metrics?name=x");
      assertEquals("a 1\n", read(connection));
      assertEquals(
          "text/plain; version=0.0.4; charset=utf-8", connection.getHeaderField("Content-Type"));
      assertEquals(200, ask(endpoint, "HEAD", "/metrics").getResponseCode());
      assertEquals(404, ask(endpoint, "GET", "/").getResponseCode());
      assertEquals(405, ask(endpoint, "DELETE", "/metrics").getResponseCode());
    }
  }

  @Test
  void withoutFiguresTheReasonIsServed() throws IOException {
    try (var endpoint = http(Routes.metrics(() -> NONE))) {
      var connection = ask(endpoint, "GET", "/metrics");
      assertEquals("there is no table\n", read(connection));
      assertEquals(503, connection.getResponseCode());
    }
  }

  @Test
  void oneServerHasAnAnswerForEachPath() throws IOException {
    var ready = new AtomicBoolean();
    var answers = new LinkedHashMap<String, Supplier<Answer>>();
    answers.put("/metrics", () -> FIGURES);
    answers.put("/healthz", () -> Answer.sentence(200, "alive"));
    answers.put("/readyz", () -> Answer.sentence(ready.get() ? 200 : 503, "ready: " + ready));
    try (var endpoint = http(new Routes(answers))) {
      assertEquals("a 1\n", read(ask(endpoint, "GET", "/metrics")));
      var alive = ask(endpoint, "GET", "/healthz");
      assertEquals("alive\n", read(alive));
      assertEquals("text/plain; charset=utf-8", alive.getHeaderField("Content-Type"));
      var asked = ask(endpoint, "GET", "/readyz?verbose");
      assertEquals("ready: false\n", read(asked));
      assertEquals(503, asked.getResponseCode());
      ready.set(true);
      assertEquals(200, ask(endpoint, "GET", "/readyz").getResponseCode());
      var lost = ask(endpoint, "GET", "/ready");
      assertEquals("nothing is here but /metrics, /healthz, /readyz\n", read(lost));
      assertEquals(404, lost.getResponseCode());
    }
  }

  @Test
  void anAnswerThatCannotBeMadeIsAnErrorAndTheOthersGoOn() throws IOException {
    var answers = new LinkedHashMap<String, Supplier<Answer>>();
    answers.put(
        "/readyz",
        () -> {
          throw new IllegalStateException("the table is gone");
        });
    answers.put("/healthz", () -> Answer.sentence(200, "alive"));
    var path = folder.resolve("socket");
    var routes = new Routes(answers);
    try (var endpoint = http(routes);
        var _ = UnixEndpoint.open(path, routes)) {
      var asked = ask(endpoint, "GET", "/readyz");
      assertTrue(read(asked).endsWith("the table is gone\n"));
      assertEquals(500, asked.getResponseCode());
      assertEquals("alive\n", read(ask(endpoint, "GET", "/healthz")));
      var answer = ask(path, "GET /readyz HTTP/1.0\r\n\r\n");
      assertTrue(answer.startsWith("HTTP/1.0 500 Internal Server Error\r\n"), answer);
    }
  }

  private static String ask(Path path, String request) throws IOException {
    try (var client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      client.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
      client.shutdownOutput();
      return new String(Channels.newInputStream(client).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n', 200 OK, 'a 1\n'",
    "'GET /metrics?a HTTP/1.0\n\n', 200 OK, 'a 1\n'",
    "'HEAD /metrics HTTP/1.0\r\n\r\n', 200 OK, ''",
    "'GET / HTTP/1.0\r\n\r\n', 404 Not Found, 'nothing is here but /metrics\n'",
    "'PUT /metrics HTTP/1.0\r\n\r\n', 405 Method Not Allowed, 'GET and HEAD are answered\n'",
    "'GET /metrics\r\n\r\n', 400 Bad Request, 'this is no request of HTTP/1\n'",
    "'GET /metrics HTTP/1.0\r\n', 400 Bad Request, 'this is no request of HTTP/1\n'",
    "'', 400 Bad Request, 'this is no request of HTTP/1\n'"
  })
  void theUnixSocketAnswersOneRequest(String request, String status, String body)
      throws IOException {
    var path = folder.resolve("socket");
    try (var _ = UnixEndpoint.open(path, Routes.metrics(() -> FIGURES))) {
      var answer = ask(path, request);
      assertTrue(answer.startsWith("HTTP/1.0 " + status + "\r\n"), answer);
      assertTrue(answer.endsWith("\r\n\r\n" + body), answer);
    }
    assertFalse(Files.exists(path));
  }

  @Test
  void aRequestThatIsTooLongIsRefused() throws IOException {
    var path = folder.resolve("socket");
    try (var _ = UnixEndpoint.open(path, Routes.metrics(() -> FIGURES))) {
      var answer = ask(path, "G".repeat(8192));
      assertTrue(answer.startsWith("HTTP/1.0 400 "), answer);
    }
  }

  @Test
  void aSocketThatIsInUseStaysAndOneThatIsAbandonedIsReplaced() throws IOException {
    var path = folder.resolve("socket");
    try (var first = UnixEndpoint.open(path, Routes.metrics(() -> FIGURES))) {
      assertThrows(BindException.class, () -> UnixEndpoint.open(path, Routes.metrics(() -> NONE)));
      assertTrue(ask(path, "GET /metrics HTTP/1.0\r\n\r\n").endsWith("a 1\n"), first::toString);
    }
    try (var abandoned = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      abandoned.bind(UnixDomainSocketAddress.of(path));
    }
    assertTrue(Files.exists(path));
    try (var _ = UnixEndpoint.open(path, Routes.metrics(() -> FIGURES))) {
      assertTrue(ask(path, "GET /metrics HTTP/1.0\r\n\r\n").endsWith("a 1\n"));
    }
  }

  @Test
  void aFileIsNotReplaced() throws IOException {
    var path = Files.writeString(folder.resolve("file"), "precious");
    assertThrows(BindException.class, () -> UnixEndpoint.open(path, Routes.metrics(() -> FIGURES)));
    assertEquals("precious", Files.readString(path));
  }
}
