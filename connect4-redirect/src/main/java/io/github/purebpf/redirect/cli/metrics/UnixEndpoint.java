package io.github.purebpf.redirect.cli.metrics;

import java.io.IOException;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Serves answers on a Unix socket, in just as much of HTTP/1.0 as a scraper needs: one request of a
 * connection, without a body.
 */
public final class UnixEndpoint implements AutoCloseable {
  private static final int LONGEST_REQUEST = 8192;
  private static final int MOST_CLIENTS = 32;
  private static final int PATIENCE_SECONDS = 10;

  private final Path path;
  private final ServerSocketChannel server;
  private final Routes routes;
  private final Semaphore clients = new Semaphore(MOST_CLIENTS);
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());

  private UnixEndpoint(Path path, ServerSocketChannel server, Routes routes) {
    this.path = path;
    this.server = server;
    this.routes = routes;
  }

  /**
   * Begins to listen. A socket that a killed process has left is replaced.
   *
   * @param path where the socket is made; {@link #close} removes it
   * @param routes what is answered
   * @throws IOException if that is not possible, as when somebody listens there
   */
  public static UnixEndpoint open(Path path, Routes routes) throws IOException {
    removeAbandoned(path);
    var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(path));
    } catch (IOException e) {
      server.close();
      throw e;
    }
    var endpoint = new UnixEndpoint(path, server, routes);
    Thread.ofPlatform().daemon().name("unix socket").start(endpoint::accept);
    return endpoint;
  }

  private static void removeAbandoned(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    var attributes =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!attributes.isOther()) {
      throw new BindException(path + " exists and is no socket");
    }
    try (var _ = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      throw new BindException("somebody listens on " + path);
    } catch (BindException e) {
      throw e;
    } catch (IOException refused) {
      Files.deleteIfExists(path);
    }
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        clients.acquire();
        var client = server.accept();
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException closed) {
        clients.release(); // or too many open files, which passes
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void serve(SocketChannel client) {
    var timeout = clock.schedule(() -> closeQuietly(client), PATIENCE_SECONDS, TimeUnit.SECONDS);
    try (client) {
      var answer = ByteBuffer.wrap(answer(request(client)).getBytes(StandardCharsets.UTF_8));
      while (answer.hasRemaining()) {
        client.write(answer);
      }
    } catch (IOException clientIsGone) {
      // It gets no answer then.
    } finally {
      timeout.cancel(false);
      clients.release();
    }
  }

  private static void closeQuietly(SocketChannel client) {
    try {
      client.close();
    } catch (IOException closed) {
      // Nobody waits for it.
    }
  }

  /** Reads up to the empty line. */
  private static String request(SocketChannel client) throws IOException {
    var buffer = ByteBuffer.allocate(LONGEST_REQUEST);
    while (buffer.hasRemaining() && client.read(buffer) >= 0) {
      var text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1);
      if (text.contains("\r\n\r\n") || text.contains("\n\n")) {
        return text;
      }
    }
    return "";
  }

  private String answer(String request) {
    var words = request.lines().findFirst().orElse("").split(" ", -1);
    if (words.length != 3 || !words[2].startsWith("HTTP/1.")) {
      return response(Answer.sentence(400, "this is no request of HTTP/1"), true);
    }
    return response(routes.answer(words[0], words[1]), !words[0].equals("HEAD"));
  }

  private static String response(Answer answer, boolean withBody) {
    var phrase =
        switch (answer.status()) {
          case 200 -> "OK";
          case 400 -> "Bad Request";
          case 404 -> "Not Found";
          case 405 -> "Method Not Allowed";
          case 500 -> "Internal Server Error";
          default -> "Service Unavailable";
        };
    return "HTTP/1.0 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(
            answer.status(),
            phrase,
            answer.contentType(),
            answer.body().getBytes(StandardCharsets.UTF_8).length,
            withBody ? answer.body() : "");
  }

  @Override
  public void close() throws IOException {
    server.close();
    clock.shutdownNow();
    Files.deleteIfExists(path);
  }
}
