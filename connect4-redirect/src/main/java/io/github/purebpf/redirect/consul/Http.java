package io.github.purebpf.redirect.consul;

import io.github.purebpf.redirect.json.JsonReader;
import io.github.purebpf.redirect.pace.Pacer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Sends requests, one at a time and not too many in a second, each with an end. */
final class Http implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(5);

  private final ConsulTls tls;
  private final Pacer pacer;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /** What the client was made of; null while there is none, or one without TLS. */
  private TlsMaterial material;

  private HttpClient client;

  Http(ConsulTls tls, Pacer pacer) {
    this.tls = tls;
    this.pacer = pacer;
  }

  /**
   * An answer.
   *
   * @param body not longer than what {@link JsonReader} reads
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares two
  record Reply(int status, HttpHeaders headers, byte[] body) {
    /** The answer as words. */
    String text() {
      return Line.of(new String(body, StandardCharsets.UTF_8));
    }
  }

  /**
   * Sends a request when it is time for it.
   *
   * @param limit until the last byte of the answer must be there
   * @throws ConsulException if it is not
   */
  Reply send(HttpRequest request, Duration limit) throws ConsulException, InterruptedException {
    pacer.await();
    // Only a future also ends an answer that comes too slowly; a request knows of its head only.
    var answer =
        client(request.uri())
            .sendAsync(
                request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), JsonReader.MAX_LENGTH));
    try {
      HttpResponse<byte[]> response = answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
      return new Reply(response.statusCode(), response.headers(), response.body());
    } catch (TimeoutException e) {
      throw new ConsulException(
          "no whole answer within %d s: it hangs, or the way to it is cut"
              .formatted(limit.toSeconds()));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException broken) {
        throw new ConsulException(Trouble.words(broken, tls));
      }
      throw new ConsulException("the request fails: " + Line.of(String.valueOf(e.getCause())));
    } finally {
      answer.cancel(true);
    }
  }

  private HttpClient client(URI address) throws ConsulException {
    if (address.getScheme().equals("https")) {
      var now = TlsMaterial.read(tls);
      if (client == null || !now.equals(material)) {
        var context = now.context(tls);
        end();
        client = builder().sslContext(context).build();
        material = now;
      }
    } else if (client == null) {
      client = builder().build();
    }
    return client;
  }

  private HttpClient.Builder builder() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.NEVER)
        .proxy(HttpClient.Builder.NO_PROXY)
        .connectTimeout(CONNECT)
        .executor(threads);
  }

  private void end() {
    if (client != null) {
      client.shutdownNow();
    }
  }

  @Override
  public void close() {
    end();
    threads.shutdownNow();
  }
}
