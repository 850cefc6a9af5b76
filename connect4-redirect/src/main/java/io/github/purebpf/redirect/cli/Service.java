package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.Connect4Redirect;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.VirtualAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** A redirector in the foreground: it ends with a signal, and then detaches and unpins. */
final class Service {
  private final Path cgroup;
  private final Optional<Path> pin;
  private final Map<VirtualAddress, Server> mappings;
  private Optional<Connect4Redirect> running = Optional.empty();

  Service(Path cgroup, Optional<Path> pin, Map<VirtualAddress, Server> mappings) {
    this.cgroup = cgroup;
    this.pin = pin;
    this.mappings = mappings;
  }

  /** All or nothing; a signal waits until it is decided. */
  synchronized void start() {
    var redirect = Connect4Redirect.open();
    try {
      mappings.forEach(redirect::put);
      pin.ifPresent(redirect::pin);
      redirect.attach(cgroup);
      running = Optional.of(redirect);
    } catch (RuntimeException e) {
      redirect.close();
      throw e;
    }
  }

  /** Waits for the signal, that is for ever. */
  void serve() throws InterruptedException {
    new CountDownLatch(1).await();
  }

  /**
   * The shutdown hook. Without {@code halt} the JVM would say 143 or 130 after a signal, which
   * supervisors take for a failure.
   */
  synchronized void stop() {
    if (running.isEmpty()) {
      return;
    }
    try {
      running.get().close();
    } catch (RuntimeException e) {
      System.err.println(Main.NAME + ": " + Diagnosis.of(e).sentence());
      Runtime.getRuntime().halt(ExitCode.UNEXPECTED.status());
    }
    Runtime.getRuntime().halt(ExitCode.OK.status());
  }
}
