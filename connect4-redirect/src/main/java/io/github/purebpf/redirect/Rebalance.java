package io.github.purebpf.redirect;

import io.github.purebpf.redirect.dataplane.NetworkNamespaces;
import io.github.purebpf.redirect.dataplane.RedirectedSocket;
import io.github.purebpf.redirect.dataplane.ServiceFigures;
import io.github.purebpf.redirect.dataplane.ServiceFigures.BackendFigures;
import io.github.purebpf.redirect.dataplane.SocketSearch;
import io.github.purebpf.redirect.pace.Pacer;
import io.github.purebpf.redirect.pace.Ticker;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Evens out the connections of a virtual address, after a server was added for instance: closes
 * some of those to servers that have too many, so that the programs connect again and {@link
 * Policy#LEAST_CONNECTIONS} places them where they are missing.
 *
 * <p>No more are closed than are too many when it begins, and no server gets below its share. On
 * each server the oldest are closed first. One that is closed is the newest when it is back, so
 * that every time it hits others, and nobody twice before all were hit once.
 *
 * <p>How a connection is closed and found is told at {@link Drain}. Servers that are being drained
 * are left to that.
 *
 * @param vip the virtual address
 * @param share how many are closed in a second at most, evenly spread, as a part of those that are
 *     open when it begins: above 0, and at most 1
 */
public record Rebalance(VirtualAddress vip, double share) {
  /** Refuses a share out of range. */
  public Rebalance {
    Objects.requireNonNull(vip, "vip");
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "a share of %s is not above 0 and at most 1".formatted(share));
    }
  }

  /**
   * Does it in the calling thread. Returns when the connections are even, when as many are closed
   * as were too many, or when the rest cannot be reached. It stops, too, when connects fail to a
   * server that has too few, as more programs would end up there. Interrupting the thread stops it.
   *
   * @param table the one that has the virtual address, made here or by another process
   * @throws IllegalArgumentException if the table does not have the virtual address
   * @throws IllegalStateException if the policy of the virtual address is another, which would not
   *     place connections where they are missing
   * @throws InterruptedException if the thread is interrupted
   */
  public RebalanceReport run(RedirectTable table) throws InterruptedException {
    return run(table, Ticker.SYSTEM);
  }

  RebalanceReport run(RedirectTable table, Ticker ticker) throws InterruptedException {
    return new Run(table, ticker).run();
  }

  /** A server in use. */
  private record Holder(BackendFigures figures, long share) {
    long excess() {
      return figures.load() - share;
    }
  }

  private final class Run {
    private final RedirectTable table;
    private final Pacer pacer;
    private final long total;
    private final Map<Long, Long> failedBefore = new HashMap<>();

    /** How many may still be closed. */
    private long budget;

    private List<String> unreachable = List.of();
    private Optional<Server> failing = Optional.empty();
    private long closed;
    private long gone;

    Run(RedirectTable table, Ticker ticker) {
      this.table = table;
      var figures = figures();
      total = load(figures);
      pacer = new Pacer(share * Math.max(1, total), ticker);
      active(figures).forEach(backend -> failedBefore.put(backend.server(), backend.failed()));
      budget = holders().stream().mapToLong(Holder::excess).filter(n -> n > 0).sum();
    }

    private ServiceFigures figures() {
      var figures = table.figures(vip);
      if (figures.isEmpty()) {
        throw new IllegalArgumentException(vip + " is not in the table");
      }
      var policy = Policy.of(figures.get().image().policy());
      if (policy != Policy.LEAST_CONNECTIONS) {
        throw new IllegalStateException(
            "the policy of %s is %s; only LEAST_CONNECTIONS places connections where they are missing"
                .formatted(vip, policy));
      }
      return figures.get();
    }

    private static List<BackendFigures> active(ServiceFigures figures) {
      return figures.backends().stream().filter(BackendFigures::active).toList();
    }

    private static long load(ServiceFigures figures) {
      return active(figures).stream().mapToLong(BackendFigures::load).sum();
    }

    /**
     * The servers in use. Those that were closed and are not back yet count as well, or the shares
     * would sink with each that is closed.
     */
    private List<Holder> holders() {
      var figures = figures();
      var active = active(figures);
      long[] loads = active.stream().mapToLong(BackendFigures::load).toArray();
      int[] weights = new int[loads.length];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = figures.image().members().get(i).weight();
      }
      long[] shares =
          loads.length == 0 ? loads : EvenShares.of(loads, weights, Math.max(total, load(figures)));
      return IntStream.range(0, shares.length)
          .mapToObj(i -> new Holder(active.get(i), shares[i]))
          .toList();
    }

    private static boolean even(List<Holder> holders) {
      return holders.stream().noneMatch(holder -> holder.excess() > 0);
    }

    RebalanceReport run() throws InterruptedException {
      boolean everywhere = false;
      long before = -1;
      while (goesOn(holders()) && closed + gone > before) {
        before = everywhere ? closed + gone : -1;
        closeThose(everywhere);
        everywhere = true;
      }
      return new RebalanceReport(closed, gone, even(holders()), failing, unreachable);
    }

    private boolean goesOn(List<Holder> holders) {
      failing = failing.or(() -> failing(holders));
      return budget > 0 && failing.isEmpty() && !even(holders);
    }

    /** A server that gets more connects, and one has failed. */
    private Optional<Server> failing(List<Holder> holders) {
      return holders.stream()
          .filter(holder -> holder.excess() < 0)
          .map(Holder::figures)
          .filter(
              figures ->
                  figures.failed() > failedBefore.getOrDefault(figures.server(), figures.failed()))
          .map(figures -> Images.server(figures.server()))
          .findFirst();
    }

    private void closeThose(boolean everywhere) throws InterruptedException {
      var tooMany = new HashSet<Integer>();
      for (var holder : holders()) {
        if (holder.excess() > 0) {
          tooMany.add(holder.figures().index());
        }
      }
      var dataplane = table.dataplane();
      var namespaces =
          everywhere
              ? NetworkNamespaces.all()
              : NetworkNamespaces.of(dataplane.cgroupsOf(Set.copyOf(tooMany)));
      try (var search =
          SocketSearch.in(
              namespaces,
              dataplane,
              socket -> socket.established() && tooMany.contains(socket.backend()))) {
        var queues = new HashMap<Integer, Queue<RedirectedSocket>>();
        search.found().stream()
            .sorted(Comparator.comparing(RedirectedSocket::since))
            .forEach(
                socket ->
                    queues.computeIfAbsent(socket.backend(), _ -> new ArrayDeque<>()).add(socket));
        while (next(queues).isPresent()) {
          pacer.await();
          var socket = next(queues); // meanwhile some may have ended
          if (socket.isPresent()) {
            close(search, queues.get(socket.get().backend()).remove());
          }
        }
        unreachable = search.unreachable();
      }
    }

    /** The oldest of the server that has the most too many. */
    private Optional<RedirectedSocket> next(Map<Integer, Queue<RedirectedSocket>> queues) {
      var holders = holders();
      if (!goesOn(holders)) {
        return Optional.empty();
      }
      return holders.stream()
          .filter(holder -> holder.excess() > 0 && oldest(queues, holder).isPresent())
          .max(Comparator.comparingLong(Holder::excess))
          .flatMap(holder -> oldest(queues, holder));
    }

    private static Optional<RedirectedSocket> oldest(
        Map<Integer, Queue<RedirectedSocket>> queues, Holder holder) {
      return Optional.ofNullable(queues.get(holder.figures().index())).map(Queue::peek);
    }

    private void close(SocketSearch search, RedirectedSocket socket) {
      switch (search.close(socket)) {
        case CLOSED -> {
          closed++;
          budget--;
        }
        case GONE -> gone++;
        case REFUSED -> {}
      }
    }
  }
}
