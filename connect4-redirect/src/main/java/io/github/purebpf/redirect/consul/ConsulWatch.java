package io.github.purebpf.redirect.consul;

import io.github.purebpf.redirect.pace.Backoff;
import io.github.purebpf.redirect.pace.Pacer;
import io.github.purebpf.redirect.pace.Rota;
import io.github.purebpf.redirect.pace.Ticker;
import io.github.purebpf.redirect.source.Finding;
import io.github.purebpf.redirect.source.Finding.Doubt;
import io.github.purebpf.redirect.source.ServerSource;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * The instances of a service that pass their health checks in Consul, by default Consul's own
 * servers.
 *
 * <p>Consul holds each request until something changes, so a change is known at once. Whatever goes
 * wrong, at most three requests a second are sent; after failures ever fewer, down to one or two a
 * minute, and fewer if it asks for that.
 */
public final class ConsulWatch implements ServerSource {
  /**
   * Together with the shortest pause after a failure, this makes at most three in any second,
   * although the JDK's client sends a GET a second time by itself when a connection breaks.
   */
  private static final double REQUESTS_PER_SECOND = 2;

  private static final Duration PROMPT = Duration.ofSeconds(10);

  /** By chance up to half of it, which must be above a second. */
  private static final Duration FIRST_PAUSE = Duration.ofMillis(2200);

  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  /** Consul tells of a change of the servers, and not of one of its leader. */
  private static final Duration WAIT_IN_DOUBT = Duration.ofSeconds(10);

  private final ConsulOptions options;
  private final Rota<URI> rota;
  private final Ticker ticker;
  private final Backoff backoff;
  private final Http http;
  private final ConsulApi api;
  private final Thread thread;
  private Consumer<Finding> told;
  private volatile boolean closed;

  /** Of the last answer; 0 to get the next one at once. */
  private long index;

  /** In a row. */
  private int failures;

  /** In a row: answers of servers without a leader, or behind it. */
  private int staleAnswers;

  /** Does nothing before it is started. */
  public ConsulWatch(ConsulOptions options) {
    this(options, PROMPT, Ticker.SYSTEM, RandomGenerator.getDefault());
  }

  /**
   * With time and chance as a test wants them.
   *
   * @param prompt how long an answer may take that Consul does not hold back
   */
  ConsulWatch(ConsulOptions options, Duration prompt, Ticker ticker, RandomGenerator random) {
    this.options = options;
    this.rota = new Rota<>(options.addresses(), random);
    this.ticker = ticker;
    this.backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE, random);
    this.http = new Http(options.tls(), new Pacer(REQUESTS_PER_SECOND, ticker));
    this.api = new ConsulApi(options, prompt, http);
    this.thread = Thread.ofVirtual().name("consul").unstarted(this::run);
  }

  @Override
  public String description() {
    var addresses = options.addresses();
    var first = "consul " + addresses.getFirst();
    return addresses.size() == 1 ? first : first + " and " + (addresses.size() - 1) + " more";
  }

  @Override
  public void start(Consumer<Finding> told) {
    this.told = Objects.requireNonNull(told, "told");
    thread.start();
  }

  private void run() {
    try (http) {
      try {
        while (!closed) {
          ask();
        }
      } finally {
        Thread.interrupted(); // the logout is still to come
        api.logout(rota.now());
      }
    } catch (InterruptedException e) {
      // It is closed, or who is told wants this thread to end.
    }
  }

  private void ask() throws InterruptedException {
    var address = rota.now();
    var longest = options.freshness().longestWait();
    var wait = staleAnswers > 0 ? shorter(longest, WAIT_IN_DOUBT) : longest;
    try {
      var answer = api.health(address, index, wait);
      failures = 0;
      index = answer.nextIndex(index);
      if (answer.servers().doubts().contains(Doubt.STALE)) {
        staleAnswers++;
        // Others may have a leader; when all were asked in vain, they are waited for.
        if (!rota.next()) {
          index = 0;
        }
      } else {
        staleAnswers = 0;
        rota.serves();
      }
      tell(answer.servers());
    } catch (ConsulException e) {
      fail(address, e.getMessage(), e.retryAfter());
    } catch (RuntimeException e) {
      fail(address, "this is a mistake of ours: " + Line.of(e.toString()), Duration.ZERO);
    }
  }

  private void fail(URI address, String why, Duration retryAfter) throws InterruptedException {
    failures++;
    boolean allFailed = rota.next();
    index = 0; // so that it is known soon whether the next one answers
    tell(new Finding.Failed("consul %s: %s".formatted(address, why)));
    // Each address is tried without more delay once.
    long pause = backoff.after(allFailed ? failures / options.addresses().size() : 0);
    // Not the longer of both: who is sent away together must not come back together.
    ticker.sleep(pause + shorter(retryAfter, LONGEST_PAUSE).toNanos());
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private void tell(Finding finding) {
    if (closed) {
      return;
    }
    try {
      told.accept(finding);
    } catch (RuntimeException e) {
      thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
    }
  }

  /**
   * Stops looking, and logs out if it has logged in, which takes up to two seconds. When it
   * returns, nothing more is told, unless it is called by who is being told.
   */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    if (Thread.currentThread() != thread) {
      boolean interrupted = false;
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
