package io.github.purebpf.redirect.cli.demo;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.purebpf.redirect.Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * As much of a Consul server as a controller asks for, on loopback: which of Consul's servers pass
 * their checks, and the wait for a change of that.
 */
public class DemoConsul implements AutoCloseable {
  private static final Pattern DURATION = Pattern.compile("([0-9]+)(ms|s|m)");
  private static final long DEFAULT_WAIT = TimeUnit.MINUTES.toNanos(5);

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /** By the names of their nodes; guarded by this, as what follows is. */
  private final Map<String, String> instances = new LinkedHashMap<>();

  private long index = 1;

  /** How often those who wait were woken. */
  private long wakes;

  /** With a server that is bound to its address and not yet started. */
  protected DemoConsul(HttpServer server) {
    this.server = server;
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  /** Starts one on a free port. */
  public static DemoConsul start() throws IOException {
    return new DemoConsul(HttpServer.create(anyPort(), 0));
  }

  /** On loopback. */
  protected static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
  }

  /** Where it listens. */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /**
   * A server of Consul's passes from now on.
   *
   * @param node its name, letters and digits
   * @param address its gRPC port
   */
  public void join(String node, Server address) {
    put(
        node,
        """
        {"Node":{"Node":"%s","Address":"%s","TaggedAddresses":{"lan":"%2$s","lan_ipv4":"%2$s"}},\
        "Service":{"ID":"consul","Service":"consul","Address":"","Port":8300,\
        "Meta":{"grpc_port":"%d","read_replica":"false"},"Weights":{"Passing":1,"Warning":1}},\
        "Checks":[{"CheckID":"serfHealth","Status":"passing"}]}"""
            .formatted(node, address.address(), address.port()));
  }

  /** A node has an instance that passes, with what is told of it. */
  protected synchronized void put(String node, String instance) {
    instances.put(node, instance);
    wake(index + 1);
  }

  /** The server of a node passes no longer. */
  public synchronized void leave(String node) {
    instances.remove(node);
    wake(index + 1);
  }

  /** Answers all who wait, at another index or at the same. */
  protected synchronized void wake(long newIndex) {
    index = newIndex;
    wakes++;
    notifyAll();
  }

  /** The index of what was told last. */
  protected synchronized long index() {
    return index;
  }

  /** Answers a request. */
  protected void serve(HttpExchange exchange) throws IOException {
    if (!exchange.getRequestURI().getPath().equals("/v1/health/service/consul")) {
      reply(exchange, 404, "no such path");
      return;
    }
    var query = query(exchange.getRequestURI());
    try {
      await(Long.parseLong(query.getOrDefault("index", "0")), nanos(query.get("wait")));
    } catch (InterruptedException e) {
      exchange.close(); // as a server does that ends
      return;
    }
    String body;
    synchronized (this) {
      addHeaders(exchange.getResponseHeaders(), index);
      body = "[" + String.join(",", instances.values()) + "]";
    }
    reply(exchange, 200, body);
  }

  /** Adds Consul's own headers to the answer. */
  protected void addHeaders(Headers headers, long answered) {
    headers.set("X-Consul-Index", Long.toString(answered));
    headers.set("X-Consul-KnownLeader", "true");
    headers.set("X-Consul-LastContact", "0");
  }

  /** As Consul does: up to a sixteenth longer than asked, so that not all come back at once. */
  private synchronized void await(long known, long nanos) throws InterruptedException {
    long end = System.nanoTime() + nanos + ThreadLocalRandom.current().nextLong(nanos / 16 + 1);
    long woken = wakes;
    while (known > 0 && index <= known && wakes == woken) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  private static long nanos(String wait) {
    if (wait == null) {
      return DEFAULT_WAIT;
    }
    Matcher parts = DURATION.matcher(wait);
    if (!parts.matches()) {
      throw new IllegalArgumentException("no duration: " + wait);
    }
    var unit =
        switch (parts.group(2)) {
          case "ms" -> TimeUnit.MILLISECONDS;
          case "s" -> TimeUnit.SECONDS;
          default -> TimeUnit.MINUTES;
        };
    return unit.toNanos(Long.parseLong(parts.group(1)));
  }

  /** The parameters of a request. */
  protected static Map<String, String> query(URI uri) {
    var query = new HashMap<String, String>();
    if (uri.getQuery() != null) {
      for (var parameter : uri.getQuery().split("&", -1)) {
        var parts = parameter.split("=", 2);
        query.put(parts[0], parts.length == 2 ? parts[1] : "");
      }
    }
    return query;
  }

  /** Sends a whole answer. */
  public static void reply(HttpExchange exchange, int status, String body) throws IOException {
    try (exchange) {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  /** Breaks all connections off; more than once. */
  @Override
  public void close() {
    if (!threads.isShutdown()) {
      server.stop(0);
      threads.shutdownNow();
    }
  }
}
