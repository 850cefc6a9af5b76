package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.CgroupFollower;
import io.github.purebpf.redirect.CgroupWork;
import io.github.purebpf.redirect.Connect4Redirect;
import io.github.purebpf.redirect.RedirectOptions;
import io.github.purebpf.redirect.RedirectTable;
import io.github.purebpf.redirect.Service;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** A redirector in the foreground: it ends with a signal, and then detaches and unpins. */
final class Foreground {
  private final Places places;
  private final CgroupFollower.Listener listener;
  private final OpenConnections openConnections;
  private final Map<Path, Long> adopted = new LinkedHashMap<>();
  private final Optional<Path> pin;
  private final RedirectOptions options;
  private final List<Path> listed;
  private Optional<Connect4Redirect> running = Optional.empty();
  private Optional<CgroupFollower> follower = Optional.empty();

  /**
   * @param listener told of the cgroups that are followed
   */
  Foreground(
      Places places,
      CgroupFollower.Listener listener,
      OpenConnections openConnections,
      Optional<Path> pin,
      RedirectOptions options,
      List<Path> listed) {
    this.places = places;
    this.listener = listener;
    this.openConnections = openConnections;
    this.pin = pin;
    this.options = options;
    this.listed = List.copyOf(listed);
  }

  /** All or nothing; a signal waits until it is decided. */
  synchronized void start(Collection<Service> services) {
    var redirect = Connect4Redirect.open(options);
    try {
      services.forEach(redirect.table()::put);
      listed.forEach(redirect.table()::listCgroup);
      pin.ifPresent(redirect::pin);
      for (var cgroup : places.cgroups()) {
        redirect.attach(cgroup);
        adopt(redirect, cgroup);
      }
      follower =
          places
              .followed()
              .map(
                  below ->
                      CgroupFollower.start(
                          below, CgroupWork.attaching(redirect), adopting(redirect)));
      running = Optional.of(redirect);
    } catch (RuntimeException e) {
      redirect.close();
      throw e;
    }
  }

  private void adopt(Connect4Redirect redirect, Path cgroup) {
    long connections = openConnections.adopt(redirect.table(), cgroup);
    if (connections > 0) {
      adopted.put(cgroup, connections);
    }
  }

  /** Counts connections in before others are told. */
  private CgroupFollower.Listener adopting(Connect4Redirect redirect) {
    return new CgroupFollower.Listener() {
      @Override
      public void began(Path cgroup) {
        openConnections.adopt(redirect.table(), cgroup);
        listener.began(cgroup);
      }

      @Override
      public void gone(Path cgroup) {
        listener.gone(cgroup);
      }

      @Override
      public void failed(Path cgroup, RuntimeException why) {
        listener.failed(cgroup, why);
      }
    };
  }

  /** How many connections were open in the cgroups that are not followed, where there were any. */
  synchronized Map<Path, Long> adopted() {
    return new LinkedHashMap<>(adopted);
  }

  /**
   * Changes the table while it is at work; a signal waits until it is done. A pinned table is
   * opened anew each time, because others may have changed it meanwhile.
   */
  synchronized void change(Consumer<RedirectTable> change) {
    if (pin.isPresent()) {
      try (var table = RedirectTable.openPinned(pin.get())) {
        change.accept(table);
      }
    } else {
      change.accept(running.orElseThrow().table());
    }
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
      follower.ifPresent(CgroupFollower::close);
      running.get().close();
    } catch (RuntimeException e) {
      System.err.println(Main.NAME + ": " + Diagnosis.of(e).sentence());
      Runtime.getRuntime().halt(ExitCode.UNEXPECTED.status());
    }
    Runtime.getRuntime().halt(ExitCode.OK.status());
  }
}
