package io.github.purebpf.redirect;

import io.github.purebpf.redirect.cli.demo.Client;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** Four threads of a {@link TestClient} that connect until they are told to stop. */
final class Load {
  private static final int AT_ONCE = 200;

  private final Client client;
  private final String request;
  private final AtomicLong made = new AtomicLong();
  private final CompletableFuture<Map<String, Long>> answers;
  private volatile boolean stop;

  Load(Client client, VirtualAddress vip) {
    this.client = client;
    this.request = "load " + vip.toString().replace(':', ' ') + " " + AT_ONCE;
    this.answers = CompletableFuture.supplyAsync(this::run, Thread.ofVirtual()::start);
  }

  private Map<String, Long> run() {
    var counts = new TreeMap<String, Long>();
    while (!stop) {
      var answer = TestBed.get(client.ask(request));
      for (var part : answer.substring(1, answer.length() - 1).split(", ", -1)) {
        int at = part.lastIndexOf('=');
        counts.merge(part.substring(0, at), Long.parseLong(part.substring(at + 1)), Long::sum);
      }
      made.addAndGet(AT_ONCE);
    }
    return counts;
  }

  /** How many connects were made so far. */
  long made() {
    return made.get();
  }

  /** Ends it; which answer came how often. */
  Map<String, Long> stop() {
    stop = true;
    return answers.join();
  }
}
