package io.github.purebpf.redirect.cli.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Serves answers over HTTP, such as the figures at {@code /metrics}. */
public final class HttpEndpoint implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private HttpEndpoint(HttpServer server) {
    this.server = server;
  }

  /**
   * Begins to listen.
   *
   * @param address where; with the port 0 on a free one
   * @param routes what is answered
   * @throws IOException if that is not possible, as when the port is taken
   */
  public static HttpEndpoint open(InetSocketAddress address, Routes routes) throws IOException {
    var endpoint = new HttpEndpoint(HttpServer.create(address, 0));
    endpoint.server.setExecutor(endpoint.threads);
    endpoint.server.createContext("/", exchange -> answer(exchange, routes));
    endpoint.server.start();
    return endpoint;
  }

  private static void answer(HttpExchange exchange, Routes routes) throws IOException {
    try (exchange) {
      var method = exchange.getRequestMethod();
      var answer = routes.answer(method, exchange.getRequestURI().getPath());
      var body = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", answer.contentType());
      boolean head = method.equals("HEAD");
      exchange.sendResponseHeaders(answer.status(), head ? -1 : body.length);
      if (!head) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
