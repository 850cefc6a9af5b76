package io.github.purebpf.redirect.consul;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.github.purebpf.redirect.cli.demo.DemoConsul;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLContext;

/** A Consul server with ACLs, TLS and all that may go wrong. */
public final class FakeConsul extends DemoConsul {
  /**
   * What was asked.
   *
   * @param at by the clock of the test
   */
  record Request(String call, Map<String, String> query, Optional<String> token, long at) {}

  /** Answers in place of a Consul that is well. */
  interface Fault {
    void serve(HttpExchange exchange) throws IOException;
  }

  private final Optional<RenewableTls> tls;
  private final LongSupplier clock;
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Map<String, String> headers = new ConcurrentHashMap<>();
  private volatile Optional<Fault> fault = Optional.empty();
  private volatile boolean leader = true;
  private volatile Optional<Set<String>> tokens = Optional.empty();

  private FakeConsul(HttpServer server, Optional<RenewableTls> tls, LongSupplier clock) {
    this.tls = tls;
    this.clock = clock;
    super(server);
  }

  static FakeConsul start(LongSupplier clock) throws IOException {
    return new FakeConsul(HttpServer.create(anyPort(), 0), Optional.empty(), clock);
  }

  public static FakeConsul start() throws IOException {
    return start(System::nanoTime);
  }

  public static FakeConsul startTls(SSLContext context, boolean wantsClient) throws IOException {
    var server = HttpsServer.create(anyPort(), 0);
    var tls = new RenewableTls(context);
    server.setHttpsConfigurator(
        new HttpsConfigurator(tls.context()) {
          @Override
          public void configure(HttpsParameters parameters) {
            var ssl = context.getDefaultSSLParameters();
            ssl.setNeedClientAuth(wantsClient);
            parameters.setSSLParameters(ssl);
          }
        });
    return new FakeConsul(server, Optional.of(tls), System::nanoTime);
  }

  /** Takes new connections with another certificate; old ones stay as they are. */
  public void renewTls(SSLContext context) {
    tls.orElseThrow().renew(context);
  }

  @Override
  public URI uri() {
    var plain = super.uri().toString();
    return URI.create(tls.isPresent() ? plain.replace("http", "https") : plain);
  }

  List<Request> requests() {
    return List.copyOf(requests);
  }

  /** Those for instances. */
  List<Request> queries() {
    return requests.stream().filter(request -> request.call().startsWith("GET")).toList();
  }

  /** From now on. */
  void fail(Fault with) {
    fault = Optional.of(with);
  }

  void failWith(int status, String body) {
    fail(exchange -> reply(exchange, status, body));
  }

  void mend() {
    fault = Optional.empty();
    leader = true;
    headers.clear();
  }

  void loseLeader() {
    leader = false;
  }

  /** Every answer has this one. */
  public void addHeader(String name, String value) {
    headers.put(name, value);
  }

  /** ACLs deny all but who has one of these. */
  public void permit(String... permitted) {
    var set = ConcurrentHashMap.<String>newKeySet();
    set.addAll(List.of(permitted));
    tokens = Optional.of(set);
  }

  /** A write to another part of the catalog, as older versions let it through. */
  public void touch() {
    wake(index() + 1);
  }

  /** Answers those who wait, for no reason. */
  void wakeForNothing() {
    wake(index());
  }

  /** A snapshot from before. */
  void restore(long index) {
    wake(index);
  }

  @Override
  protected void put(String node, String instance) {
    super.put(node, instance);
  }

  @Override
  protected void serve(HttpExchange exchange) throws IOException {
    var query = new TreeMap<>(query(exchange.getRequestURI()));
    var token = Optional.ofNullable(exchange.getRequestHeaders().getFirst("X-Consul-Token"));
    var call = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
    requests.add(new Request(call, query, token, clock.getAsLong()));
    var now = fault;
    if (now.isPresent()) {
      now.get().serve(exchange);
    } else if (call.equals("POST /v1/acl/login")) {
      login(exchange);
    } else if (!isPermitted(token)) {
      boolean anonymous = token.isEmpty();
      reply(exchange, 403, anonymous ? "Permission denied: anonymous token" : "ACL not found");
    } else if (call.equals("POST /v1/acl/logout")) {
      tokens.ifPresent(all -> all.remove(token.orElse("")));
      reply(exchange, 200, "");
    } else if (!leader && !query.containsKey("stale")) {
      reply(exchange, 500, "No cluster leader");
    } else {
      super.serve(exchange);
    }
  }

  private boolean isPermitted(Optional<String> token) {
    return tokens.isEmpty() || token.filter(tokens.get()::contains).isPresent();
  }

  private void login(HttpExchange exchange) throws IOException {
    var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    if (!body.equals("{\"AuthMethod\":\"kube\",\"BearerToken\":\"bearer\"}")) {
      reply(exchange, 403, "Permission denied: lookup failed");
      return;
    }
    var secret = "secret" + requests.size();
    tokens.orElseThrow().add(secret);
    reply(exchange, 200, "{\"AccessorID\":\"a\",\"SecretID\":\"" + secret + "\",\"Local\":true}");
  }

  @Override
  protected void addHeaders(Headers answer, long answered) {
    super.addHeaders(answer, answered);
    if (!leader) {
      answer.set("X-Consul-KnownLeader", "false");
      answer.set("X-Consul-LastContact", "3000");
    }
    headers.forEach(answer::set);
  }
}
