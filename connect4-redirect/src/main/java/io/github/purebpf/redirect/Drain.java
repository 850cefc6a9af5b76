package io.github.purebpf.redirect;

import io.github.purebpf.redirect.dataplane.NetworkNamespaces;
import io.github.purebpf.redirect.dataplane.ServiceFigures.BackendFigures;
import io.github.purebpf.redirect.dataplane.SocketSearch;
import io.github.purebpf.redirect.pace.Pacer;
import io.github.purebpf.redirect.pace.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Takes a server of a virtual address out of use: no more connects go there, the connections that
 * it has may end by themselves until a deadline, and what is left then is closed.
 *
 * <p>Only connections are closed that were made through the virtual address. Those that programs
 * have made to the server by its own address stay, and so do those through another virtual address.
 * A program whose connection is closed gets ECONNABORTED from whatever it does with it; the server
 * gets a reset.
 *
 * <p>Connections are looked for in the network namespaces of the containers that hold some, and if
 * those are not all, in those of all processes and in those with a name (in {@code /run/netns}).
 *
 * <pre>{@code
 * var report = new Drain(vip, server, Duration.ofMinutes(5), 20).run(table);
 * }</pre>
 *
 * @param vip the virtual address
 * @param server one of its servers; or one that was, and has connections left
 * @param deadline how long connections may end by themselves; zero closes them at once
 * @param perSecond how many are closed in a second at most, evenly spread; at least 1
 */
public record Drain(VirtualAddress vip, Server server, Duration deadline, int perSecond) {
  /** How often the counters are looked at. */
  private static final Duration POLL = Duration.ofMillis(50);

  /** Refuses a negative deadline, and a rate below 1. */
  public Drain {
    Objects.requireNonNull(vip, "vip");
    Objects.requireNonNull(server, "server");
    if (deadline.isNegative()) {
      throw new IllegalArgumentException("a deadline of " + deadline + " is before the start");
    }
    if (perSecond < 1) {
      throw new IllegalArgumentException(
          "%d connections per second are none; at least 1 must be closed".formatted(perSecond));
    }
  }

  /**
   * Does it in the calling thread, and returns when no connection is left or none of those left can
   * be closed. Interrupting the thread stops it: the server stays out of use, and another run goes
   * on with its connections.
   *
   * <p>Closing needs CAP_NET_ADMIN in the network namespace of the connection, entering that
   * CAP_SYS_ADMIN, and finding it in another user's process CAP_SYS_PTRACE. What cannot be reached
   * is in the report.
   *
   * @param table the one that has the virtual address, made here or by another process
   * @throws IllegalArgumentException if the table does not have the virtual address
   * @throws IllegalStateException if meanwhile the server is put back into use or the virtual
   *     address is taken out of the table; what is left stays open then
   * @throws InterruptedException if the thread is interrupted
   */
  public DrainReport run(RedirectTable table) throws InterruptedException {
    return run(table, Ticker.SYSTEM);
  }

  DrainReport run(RedirectTable table, Ticker ticker) throws InterruptedException {
    if (!table.takeOut(vip, server)) {
      throw new IllegalArgumentException(
          "%s is not in the table; drain its servers before it is taken out".formatted(vip));
    }
    return new Run(table, ticker).run();
  }

  static long nanos(Duration duration) {
    return TimeUnit.NANOSECONDS.convert(duration); // the most there is, if it is more
  }

  private final class Run {
    private final RedirectTable table;
    private final Ticker ticker;
    private final Pacer pacer;
    private List<String> unreachable = List.of();
    private long closed;
    private long gone;

    Run(RedirectTable table, Ticker ticker) {
      this.table = table;
      this.ticker = ticker;
      this.pacer = new Pacer(perSecond, ticker);
    }

    DrainReport run() throws InterruptedException {
      long begin = ticker.nanos();
      long most = left();
      long wait = nanos(deadline);
      for (long rest = wait; left() > 0 && rest > 0; rest = wait - (ticker.nanos() - begin)) {
        most = Math.max(most, left()); // a connect that was under way
        ticker.sleep(Math.min(rest, POLL.toNanos()));
      }
      long ended = most - left();
      boolean everywhere = false;
      long before = -1;
      while (left() > 0 && closed + gone > before) {
        before = everywhere ? closed + gone : -1;
        closeThose(everywhere);
        everywhere = true;
      }
      return new DrainReport(Math.max(0, ended), closed, gone, left(), unreachable);
    }

    /** The connections that are open or being made. */
    private long left() {
      return backend() == null ? 0 : backend().load();
    }

    /** What is known of the server; null if it has no connections. */
    private BackendFigures backend() {
      var figures = table.figures(vip);
      if (figures.isEmpty()) {
        throw new IllegalStateException(
            "%s was taken out of the table; the connections of %s are not closed"
                .formatted(vip, server));
      }
      for (var backend : figures.get().backends()) {
        if (backend.server() == Images.word(server)) {
          if (backend.active()) {
            throw new IllegalStateException(
                "%s is a server of %s again; no more of its connections are closed"
                    .formatted(server, vip));
          }
          return backend;
        }
      }
      return null;
    }

    private void closeThose(boolean everywhere) throws InterruptedException {
      var backend = backend();
      if (backend == null) {
        return;
      }
      int index = backend.index();
      var dataplane = table.dataplane();
      var namespaces =
          everywhere
              ? NetworkNamespaces.all()
              : NetworkNamespaces.of(dataplane.cgroupsOf(Set.of(index)));
      long key = Images.key(vip);
      try (var search =
          SocketSearch.in(
              namespaces, dataplane, socket -> socket.backend() == index && socket.vip() == key)) {
        for (var socket : search.found()) {
          pacer.await();
          backend(); // not of a server that is back in use
          switch (search.close(socket)) {
            case CLOSED -> closed++;
            case GONE -> gone++;
            case REFUSED -> {}
          }
        }
        unreachable = search.unreachable();
      }
    }
  }
}
