package io.github.purebpf.redirect.cli.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Serves the figures at {@code /metrics} over HTTP. */
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
   * @param figures asked at each request, from any thread
   * @throws IOException if that is not possible, as when the port is taken
   */
  public static HttpEndpoint open(InetSocketAddress address, Supplier<Scrape> figures)
      throws IOException {
    var endpoint = new HttpEndpoint(HttpServer.create(address, 0));
    endpoint.server.setExecutor(endpoint.threads);
    endpoint.server.createContext("/", exchange -> answer(exchange, figures));
    endpoint.server.start();
    return endpoint;
  }

  private static void answer(HttpExchange exchange, Supplier<Scrape> figures) throws IOException {
    try (exchange) {
      var method = exchange.getRequestMethod();
      var scrape = Scrape.answer(method, exchange.getRequestURI().getPath(), figures);
      var body = scrape.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", scrape.contentType());
      boolean head = method.equals("HEAD");
      exchange.sendResponseHeaders(scrape.status(), head ? -1 : body.length);
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
