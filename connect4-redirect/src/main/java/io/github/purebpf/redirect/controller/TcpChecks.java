package io.github.purebpf.redirect.controller;

import io.github.purebpf.redirect.Server;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;

/** Connects to each server now and then, and closes again at once. */
final class TcpChecks implements AutoCloseable {
  /** How much of the interval one may be early, so that not all come at the same time. */
  private static final double JITTER = 0.2;

  private final HealthCheck check;
  private final BiConsumer<Server, Boolean> told;
  private final Map<Server, Thread> threads = new HashMap<>();
  private boolean closed;

  /**
   * @param told gets what each came to, from any thread
   */
  TcpChecks(HealthCheck check, BiConsumer<Server, Boolean> told) {
    this.check = check;
    this.told = told;
  }

  /** Checks these from now on, and no others. */
  synchronized void watch(Collection<Server> servers) {
    var gone = new HashSet<>(threads.keySet());
    gone.removeAll(servers);
    gone.forEach(server -> threads.remove(server).interrupt());
    for (var server : servers) {
      if (!closed && !threads.containsKey(server)) {
        threads.put(server, Thread.ofVirtual().name("check " + server).start(() -> run(server)));
      }
    }
  }

  private void run(Server server) {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        boolean good = isReachable(server);
        if (Thread.currentThread().isInterrupted()) {
          return;
        }
        told.accept(server, good);
        double early = ThreadLocalRandom.current().nextDouble(JITTER);
        Thread.sleep(Duration.ofNanos((long) (check.interval().toNanos() * (1 - early))));
      }
    } catch (InterruptedException e) {
      // It is not watched any more.
    }
  }

  private boolean isReachable(Server server) {
    try (var socket = new Socket()) {
      var to = new InetSocketAddress(server.address().toInetAddress(), server.port());
      socket.connect(to, (int) Math.max(1, check.timeout().toMillis()));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    watch(List.of());
  }
}
