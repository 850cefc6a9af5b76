package io.github.purebpf.redirect.controller;

import io.github.purebpf.redirect.AddressLease;
import io.github.purebpf.redirect.CgroupWork;
import io.github.purebpf.redirect.Drain;
import io.github.purebpf.redirect.DrainReport;
import io.github.purebpf.redirect.Policy;
import io.github.purebpf.redirect.Rebalance;
import io.github.purebpf.redirect.RedirectTable;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.ServerTraffic;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.ServiceTraffic;
import io.github.purebpf.redirect.SourceState;
import io.github.purebpf.redirect.TakenOverException;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.WeightedServer;
import io.github.purebpf.redirect.controller.ControllerStatus.ServerStatus;
import io.github.purebpf.redirect.pace.Pacer;
import io.github.purebpf.redirect.pace.Ticker;
import io.github.purebpf.redirect.source.Finding;
import io.github.purebpf.redirect.source.ServerSource;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

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

  /** What is found where a container had no connection to a server. */
  private static final DrainReport NOTHING = new DrainReport(0, 0, 0, 0, List.of());

  private final RedirectTable table;
  private final ServerSource source;
  private final ControllerOptions options;
  private final Consumer<ControllerEvent> told;
  private final LinkedBlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
  private final Roster roster;
  private final Optional<Health> health;
  private final Optional<TcpChecks> checks;
  private final Leases leases;
  private final Thread thread;

  /** Threads that drain and rebalance, by what they work on. */
  private final Map<String, Thread> chores = new HashMap<>();

  private final Object telling = new Object();
  private final Map<VirtualAddress, Long> unevenSince = new HashMap<>();

  /** What was written last. */
  private Map<VirtualAddress, List<WeightedServer>> applied = Map.of();

  /** What was noted last of the source. */
  private Optional<Noted> noted = Optional.empty();

  private record Noted(boolean answered, long heard, Optional<String> problem) {}

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
    this.leases = new Leases(table, options.containers(), RandomGenerator.getDefault(), now);
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

  /**
   * Gives a container a virtual address of its own, see {@link ControllerOptions#containers}, or
   * says which one it has. One that is new is in the table when this returns, with one of the
   * servers; policy, keepalive and what happens without a server are those of the first address of
   * the options.
   *
   * <p>Not to be called by who is told of events: it waits for the thread that tells.
   *
   * <p>It belongs to the container until its cgroup has been gone for a while, also when the
   * controller ends meanwhile and another goes on. Then it is taken out of the table.
   *
   * @param cgroup its folder in a cgroup2 hierarchy
   * @throws RangeFullException if no address of the range is free; those that are leased stay so
   * @throws io.github.purebpf.redirect.TableFullException if there is no room in the table
   * @throws IllegalStateException if the options name no range, or the controller has ended
   */
  public VirtualAddress lease(Path cgroup) {
    var lease = new FutureTask<>(() -> leased(cgroup));
    work.add(lease);
    if (closed || !thread.isAlive()) {
      lease.cancel(false);
    }
    try {
      return lease.get();
    } catch (CancellationException e) {
      throw new IllegalStateException("the controller has ended", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for an address", e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException why -> throw why;
        case Error why -> throw why;
        case Throwable why -> throw new AssertionError("the task throws no such thing", why);
      }
    }
  }

  /**
   * Work of a {@link io.github.purebpf.redirect.CgroupFollower} that leases an address to each
   * cgroup as well. What has begun ends again where no address is free, and the follower tries
   * again; a redirector that outlives this process stays attached meanwhile.
   *
   * @param work what else is done, first
   */
  public CgroupWork leasing(CgroupWork work) {
    return new LeasingWork(work, this);
  }

  private VirtualAddress leased(Path cgroup) {
    long now = System.nanoTime();
    var known = leases.all();
    var lease = leases.lease(cgroup, fresh(), now);
    if (!known.contains(lease)) {
      tell(new ControllerEvent.Leased(lease));
      settle(now);
    }
    return lease.vip();
  }

  /** What an address is that is not in the table; the table is not asked any more then. */
  private Function<VirtualAddress, Service> fresh() {
    var services = options.services();
    var first = services.stream().findFirst().map(own -> table.get(own.vip()).orElse(own));
    return vip ->
        services.stream()
            .filter(own -> own.vip().equals(vip))
            .findFirst()
            .or(() -> first.map(own -> own.withVip(vip).withServers(List.of())))
            .orElseGet(() -> Service.of(vip));
  }

  private void run() {
    try {
      follow();
    } finally {
      refuseWork();
    }
  }

  private void follow() {
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

  /** Those who wait for an address would wait for ever. */
  private void refuseWork() {
    for (var task = work.poll(); task != null; task = work.poll()) {
      if (task instanceof FutureTask<?> waited) {
        waited.cancel(false);
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
    write(used, now);
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
  private void write(List<WeightedServer> used, long now) {
    var wanted = new LinkedHashMap<VirtualAddress, List<WeightedServer>>();
    options.services().forEach(service -> wanted.put(service.vip(), used));
    wanted.putAll(leases.assign(used, now));
    var stale =
        wanted.keySet().stream()
            .filter(vip -> !wanted.get(vip).equals(applied.get(vip)) || table.get(vip).isEmpty())
            .toList();
    if (!stale.isEmpty()) {
      var fresh = fresh();
      table.edit(
          edit -> {
            for (var vip : stale) {
              var old = edit.get(vip).orElseGet(() -> fresh.apply(vip));
              var servers = wanted.get(vip);
              edit.put(servers.isEmpty() ? old : old.withServers(servers));
            }
            return null;
          });
    }
    applied = wanted;
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
        servers,
        leases.all().stream().sorted(Comparator.comparing(AddressLease::vip)).toList());
  }

  private boolean isOwn(VirtualAddress vip) {
    return options.services().stream().anyMatch(service -> service.vip().equals(vip));
  }

  /** All addresses that it keeps. */
  private List<VirtualAddress> vips() {
    return Stream.concat(
            options.services().stream().map(Service::vip),
            leases.all().stream().map(AddressLease::vip))
        .toList();
  }

  private void drain(Server server) {
    var vips = vips();
    options
        .leaving()
        .ifPresent(leaving -> chore(DRAIN + server, () -> drain(server, leaving, vips)));
  }

  /** One address after the other, and all by the same deadline. */
  private void drain(Server server, ControllerOptions.Leaving leaving, List<VirtualAddress> vips)
      throws InterruptedException {
    long begin = System.nanoTime();
    var pacer = new Pacer(leaving.perSecond(), Ticker.SYSTEM);
    for (var vip : vips) {
      var rest = leaving.deadline().minusNanos(System.nanoTime() - begin);
      var drain =
          new Drain(vip, server, rest.isNegative() ? Duration.ZERO : rest, leaving.perSecond());
      try {
        var report = drain.run(table);
        if (!report.equals(NOTHING) || isOwn(vip)) {
          tell(new ControllerEvent.Drained(vip, server, report));
        }
        for (long closed = report.closed(); closed > 0; closed--) {
          pacer.await();
        }
      } catch (IllegalStateException | IllegalArgumentException e) {
        // The server is back there, or the address is gone: there is nothing to do any more.
        tell(new ControllerEvent.Failed(DRAIN + server + " has ended early", e));
      }
    }
  }

  /** Looks at the counters, and at what containers have. */
  private void look(long now) {
    var alive = new HashSet<Server>(standing.keySet());
    health.ifPresent(h -> h.keep(alive));
    var counts = new HashMap<Server, Connects>();
    for (var vip : vips()) {
      var traffic = table.traffic(vip);
      if (traffic.isPresent()) {
        traffic
            .get()
            .servers()
            .forEach(s -> counts.merge(s.server(), Connects.of(s), Connects::plus));
        options.evening().ifPresent(evening -> even(evening, traffic.get(), now));
        if (!isOwn(vip)) {
          leave(traffic.get(), now);
        }
      }
    }
    counts.keySet().retainAll(alive);
    health.ifPresent(
        h -> counts.forEach((server, c) -> h.counted(server, c.established(), c.failed(), now)));
    leases.look(now).forEach(lease -> tell(new ControllerEvent.Released(lease)));
    options.evening().ifPresent(evening -> move(evening, now));
    note(now);
  }

  /** A container whose server does not keep its connections tries another. */
  private void leave(ServiceTraffic traffic, long now) {
    var vip = traffic.service().vip();
    long established = traffic.servers().stream().mapToLong(ServerTraffic::established).sum();
    leases
        .counted(vip, established, now)
        .ifPresent(
            move -> tell(new ControllerEvent.Moved(vip, move.from(), move.to(), Optional.empty())));
  }

  /** What came of the connects to a server through all addresses. */
  private record Connects(long established, long failed) {
    static Connects of(ServerTraffic server) {
      return new Connects(server.established(), server.failed());
    }

    Connects plus(Connects other) {
      return new Connects(established + other.established, failed + other.failed);
    }
  }

  /** Says in the table what is thought of the source. */
  private void note(long now) {
    var note = Optional.of(new Noted(roster.answered(), roster.heard(), roster.problem()));
    if (!note.equals(noted)) {
      var time = Instant.now();
      table.noteSource(
          new SourceState(
              time,
              source.description(),
              roster.answered()
                  ? Optional.of(time.minusNanos(now - roster.heard()))
                  : Optional.empty(),
              roster.problem()));
      noted = note;
    }
  }

  /** Gives some containers another server, and ends their connections to the old one. */
  private void move(ControllerOptions.Evening evening, long now) {
    var moves = leases.even(evening, now);
    if (moves.isEmpty()) {
      return;
    }
    settle(now);
    for (var move : moves) {
      chore(
          "move " + move.vip(),
          () -> {
            var drain = new Drain(move.vip(), move.from(), Duration.ZERO, 1);
            tell(
                new ControllerEvent.Moved(
                    move.vip(), move.from(), move.to(), Optional.of(drain.run(table))));
          });
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
