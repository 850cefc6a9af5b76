package io.github.purebpf.redirect.controller;

import io.github.purebpf.redirect.Drain;
import io.github.purebpf.redirect.Policy;
import io.github.purebpf.redirect.Rebalance;
import io.github.purebpf.redirect.RedirectTable;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.ServerTraffic;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.ServiceTraffic;
import io.github.purebpf.redirect.TakenOverException;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.WeightedServer;
import io.github.purebpf.redirect.controller.ControllerStatus.ServerStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Keeps the servers of virtual addresses in a table what a {@link ServerSource} says that they are:
 * adds those that join, takes out those that leave or fail and ends their connections, and evens
 * connections out.
 *
 * <p>It fails static. What the source says wrongly, too late or not at all never takes a server
 * away, and the set is never empty once it had a server. What was used last is in the table, and a
 * controller that starts goes on with it.
 *
 * <pre>{@code
 * try (var redirect = PersistentRedirect.open(folder);
 *     var controller =
 *         Controller.start(redirect.table(), source, ControllerOptions.of(service), event -> log(event))) {
 *   ...
 * }
 * }</pre>
 *
 * <p>A server that somebody else takes out, as {@link Drain} does, stays out until the set of
 * servers changes.
 *
 * <p>Closing it leaves the table as it is. All methods can be called from any thread.
 */
public final class Controller implements AutoCloseable {
  /** How often counters are looked at, and what failed is tried again. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  private static final String DRAIN = "drain ";

  private final RedirectTable table;
  private final ServerSource source;
  private final ControllerOptions options;
  private final Consumer<ControllerEvent> told;
  private final LinkedBlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
  private final Roster roster;
  private final Optional<Health> health;
  private final Optional<TcpChecks> checks;
  private final Thread thread;

  /** Threads that drain and rebalance, by what they work on. */
  private final Map<String, Thread> chores = new HashMap<>();

  private final Object telling = new Object();
  private final Map<VirtualAddress, Long> unevenSince = new HashMap<>();

  /** What was written last. */
  private Optional<List<WeightedServer>> applied = Optional.empty();

  private Map<Server, Roster.Entry> standing = Map.of();
  private Optional<String> problem = Optional.empty();
  private volatile ControllerStatus status;
  private volatile boolean closed;

  private Controller(
      RedirectTable table,
      ServerSource source,
      ControllerOptions options,
      Consumer<ControllerEvent> told) {
    this.table = table;
    this.source = source;
    this.options = options;
    this.told = told;
    long now = System.nanoTime();
    this.roster = new Roster(options.patience(), remembered(), now);
    this.health = options.health().map(Health::new);
    this.checks =
        options
            .health()
            .map(
                check ->
                    new TcpChecks(check, (server, good) -> work.add(() -> checked(server, good))));
    this.thread = Thread.ofPlatform().name("controller").daemon().unstarted(this::run);
    this.status = statusAt(now);
  }

  /** The servers of the first address that has some. */
  private List<WeightedServer> remembered() {
    var services = new ArrayList<Service>();
    for (var service : options.services()) {
      table.get(service.vip()).ifPresent(services::add);
    }
    services.addAll(options.services());
    return services.stream()
        .map(Service::servers)
        .filter(servers -> !servers.isEmpty())
        .findFirst()
        .orElse(List.of());
  }

  /**
   * Begins. The virtual addresses are in the table when this returns.
   *
   * @param table where they are
   * @param source is started, and closed with the controller
   * @param told gets what happens, from threads of the controller, one after the other; what it
   *     throws ends nothing
   * @throws io.github.purebpf.redirect.TableFullException if there is no room for the addresses
   */
  public static Controller start(
      RedirectTable table,
      ServerSource source,
      ControllerOptions options,
      Consumer<ControllerEvent> told) {
    var controller = new Controller(table, source, options, told);
    controller.settle(System.nanoTime());
    controller.thread.start();
    source.start(finding -> controller.work.add(() -> controller.found(finding)));
    return controller;
  }

  /** How things stand. */
  public ControllerStatus status() {
    return status;
  }

  private void run() {
    long look = System.nanoTime();
    while (!closed) {
      long now = System.nanoTime();
      try {
        if (now - look >= 0) {
          look = now + LOOK.toNanos();
          look(now);
        }
        long next =
            roster.next(now).map(due -> Math.min(due - now, LOOK.toNanos())).orElse(LOOK.toNanos());
        var task = work.poll(Math.max(1, Math.min(next, look - now)), TimeUnit.NANOSECONDS);
        while (task != null) {
          task.run();
          task = work.poll();
        }
        settle(System.nanoTime());
      } catch (InterruptedException e) {
        return; // it is closed
      } catch (TakenOverException e) {
        tell(new ControllerEvent.Failed("another process has taken over; this one has ended", e));
        return;
      } catch (RuntimeException e) {
        tell(new ControllerEvent.Failed("the table could not be changed", e));
      }
    }
  }

  private void found(Finding finding) {
    roster.found(finding, System.nanoTime());
  }

  private void checked(Server server, boolean good) {
    health.orElseThrow().checked(server, good);
  }

  /** Makes the table what the roster says, and tells what is new. */
  private void settle(long now) {
    health.ifPresent(h -> roster.check(h.down(now)));
    var entries = roster.decide(now);
    var used = entries.stream().filter(Roster.Entry::isUsed).map(Roster.Entry::server).toList();
    write(used);
    var after = new LinkedHashMap<Server, Roster.Entry>();
    entries.forEach(entry -> after.put(entry.server().server(), entry));
    var before = standing;
    standing = after;
    status = statusAt(now);
    var servers = entries.stream().map(entry -> entry.server().server()).toList();
    checks.ifPresent(c -> c.watch(servers));
    tellChanges(before, after);
    tellProblem();
    for (var server : before.keySet()) {
      if (!after.containsKey(server)) {
        drain(server);
      }
    }
  }

  /** What others have changed meanwhile stays until the decision is another one. */
  private void write(List<WeightedServer> used) {
    boolean there =
        options.services().stream().allMatch(service -> table.get(service.vip()).isPresent());
    if (there && applied.equals(Optional.of(used))) {
      return;
    }
    table.edit(
        edit -> {
          for (var service : options.services()) {
            var old = edit.get(service.vip()).orElse(service);
            edit.put(used.isEmpty() ? old : old.withServers(used));
          }
          return null;
        });
    applied = Optional.of(used);
  }

  private void tellChanges(Map<Server, Roster.Entry> before, Map<Server, Roster.Entry> after) {
    after.forEach(
        (server, entry) -> {
          var old = before.get(server);
          if (old == null) {
            tell(new ControllerEvent.Joined(entry.server()));
          } else if (!old.equals(entry)) {
            tell(new ControllerEvent.Changed(entry.server(), old.standing(), entry.standing()));
          }
        });
    before.keySet().stream()
        .filter(server -> !after.containsKey(server))
        .forEach(server -> tell(new ControllerEvent.Left(server)));
  }

  private void tellProblem() {
    var now = roster.problem();
    if (!now.equals(problem)) {
      problem = now;
      tell(
          now.<ControllerEvent>map(ControllerEvent.SourceTrouble::new)
              .orElseGet(ControllerEvent.SourceFine::new));
    }
  }

  private ControllerStatus statusAt(long now) {
    var servers = new ArrayList<ServerStatus>();
    standing.values().forEach(e -> servers.add(new ServerStatus(e.server(), e.standing())));
    synchronized (chores) {
      chores.keySet().stream()
          .filter(chore -> chore.startsWith(DRAIN))
          .map(chore -> Server.parse(chore.substring(DRAIN.length())))
          .filter(server -> !standing.containsKey(server))
          .forEach(
              server ->
                  servers.add(new ServerStatus(new WeightedServer(server), Standing.LEAVING)));
    }
    return new ControllerStatus(
        source.description(),
        roster.answered(),
        Duration.ofNanos(now - roster.heard()),
        roster.problem(),
        servers);
  }

  private void drain(Server server) {
    options
        .leaving()
        .ifPresent(
            leaving ->
                chore(
                    DRAIN + server,
                    () -> {
                      for (var service : options.services()) {
                        var vip = service.vip();
                        var drain = new Drain(vip, server, leaving.deadline(), leaving.perSecond());
                        tell(new ControllerEvent.Drained(vip, server, drain.run(table)));
                      }
                    }));
  }

  /** Looks at the counters. */
  private void look(long now) {
    var alive = new HashSet<Server>(standing.keySet());
    health.ifPresent(h -> h.keep(alive));
    for (var service : options.services()) {
      var traffic = table.traffic(service.vip());
      if (traffic.isEmpty()) {
        continue;
      }
      health.ifPresent(h -> count(h, traffic.get().servers(), alive, now));
      options.evening().ifPresent(evening -> even(evening, traffic.get(), now));
    }
  }

  private static void count(
      Health health, List<ServerTraffic> servers, Set<Server> alive, long now) {
    for (var server : servers) {
      if (alive.contains(server.server())) {
        health.counted(server.server(), server.established(), server.failed(), now);
      }
    }
  }

  private void even(ControllerOptions.Evening evening, ServiceTraffic traffic, long now) {
    var vip = traffic.service().vip();
    if (traffic.service().policy() != Policy.LEAST_CONNECTIONS
        || !Unevenness.of(traffic).isMoreThan(evening.slack())) {
      unevenSince.remove(vip);
      return;
    }
    long since = unevenSince.computeIfAbsent(vip, _ -> now);
    if (now - since >= evening.settle().toNanos()) {
      unevenSince.remove(vip);
      chore(
          "rebalance " + vip,
          () ->
              tell(
                  new ControllerEvent.Rebalanced(
                      vip, new Rebalance(vip, evening.share()).run(table))));
    }
  }

  /** Something that takes long and may be interrupted. */
  private interface Chore {
    void run() throws InterruptedException;
  }

  /** Does it in a thread of its own, unless one is at it. */
  private void chore(String name, Chore chore) {
    synchronized (chores) {
      if (closed || chores.containsKey(name)) {
        return;
      }
      var worker = Thread.ofPlatform().name(name).daemon().unstarted(() -> run(name, chore));
      chores.put(name, worker);
      worker.start();
    }
  }

  private void run(String name, Chore chore) {
    try {
      chore.run();
    } catch (InterruptedException e) {
      // The controller is closed.
    } catch (IllegalStateException | IllegalArgumentException e) {
      // The server is back, or the address is gone: there is nothing to do any more.
      tell(new ControllerEvent.Failed(name + " has ended early", e));
    } catch (RuntimeException e) {
      tell(new ControllerEvent.Failed(name, e));
    } finally {
      synchronized (chores) {
        chores.remove(name);
      }
    }
  }

  private void tell(ControllerEvent event) {
    synchronized (telling) {
      try {
        told.accept(event);
      } catch (RuntimeException e) {
        var handler = Thread.currentThread().getUncaughtExceptionHandler();
        handler.uncaughtException(Thread.currentThread(), e);
      }
    }
  }

  /** Ends it, and what it has begun; the table stays as it is. */
  @Override
  public void close() {
    source.close();
    var threads = new ArrayList<Thread>();
    synchronized (chores) {
      closed = true;
      threads.addAll(chores.values());
    }
    checks.ifPresent(TcpChecks::close);
    threads.add(thread);
    threads.forEach(Thread::interrupt);
    boolean interrupted = false;
    for (var one : threads) {
      while (one != Thread.currentThread() && one.isAlive()) {
        try {
          one.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
