package io.github.purebpf.redirect;

import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.bpf.error.BpfException;
import io.github.purebpf.redirect.dataplane.Census;
import io.github.purebpf.redirect.dataplane.Dataplane;
import io.github.purebpf.redirect.dataplane.NoRoomException;
import io.github.purebpf.redirect.dataplane.ServiceFigures;
import io.github.purebpf.redirect.dataplane.Table;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Which servers are behind each virtual address, and what came of the connects to them: maps in the
 * kernel, which the programs of a {@link Connect4Redirect} read and count in.
 *
 * <p>A change takes effect in one piece. A connect that is under way sees the virtual address as it
 * was before or as it is after it, never a mix of both, and never the servers of another address.
 *
 * <p>Pinned in a folder of a BPF file system, the table is reachable for other processes, which
 * change it while connects are being made. They take turns: a change of a pinned table waits up to
 * ten seconds while others change it, and then fails with a {@link TableBusyException}. Whoever is
 * killed in the middle of a change leaves it done or undone. Reading waits for nobody, unless
 * somebody changes the table all the time.
 *
 * <p>All methods can be called from any thread.
 */
public final class RedirectTable implements AutoCloseable {
  /** How many virtual addresses there is room for. */
  public static final int CAPACITY = Dataplane.MOST_SERVICES;

  private static final int READS_IN_PASSING = 20;

  private final Dataplane dataplane;
  private final Table table;
  private final Listeners listeners = new Listeners(this::events);
  private Optional<PinFolder> folder = Optional.empty();
  private Turns turns;

  /** Throws if this process may not change the table any more. */
  private final Runnable fence;

  /**
   * @param turns who may change the maps now
   * @param fence called before a change when it is our turn; throws if there must not be one
   */
  RedirectTable(Dataplane dataplane, Turns turns, Runnable fence) {
    this.dataplane = dataplane;
    this.turns = turns;
    this.fence = fence;
    this.table = dataplane.table();
  }

  /**
   * Makes an empty table.
   *
   * @throws io.github.purebpf.bpf.error.BpfException if the kernel refuses; its kinds say why
   */
  public static RedirectTable create() {
    return new RedirectTable(Dataplane.create(), Turns.ALONE, () -> {});
  }

  /**
   * Opens the table that another process has pinned.
   *
   * @param directory the one that was given to {@link #pin}
   * @throws PinException if there is none
   * @throws io.github.purebpf.bpf.error.BpfException if the kernel refuses; its kinds say why
   */
  public static RedirectTable openPinned(Path directory) {
    var dataplane = PinFolder.open(directory);
    return new RedirectTable(dataplane, turns(directory, dataplane), () -> {});
  }

  private static Turns turns(Path directory, Dataplane dataplane) {
    var maps = PinFolder.maps(directory);
    return Turns.in(maps).of(dataplane, maps);
  }

  /** Changes something when it is our turn. */
  private <T> T change(Supplier<T> change) {
    try (var _ = turns.take()) {
      fence.run();
      boolean done = false;
      try {
        table.begin();
        var result = change.get();
        done = true;
        return result;
      } finally {
        table.end(done);
      }
    }
  }

  /** Reads something as it is between two changes. */
  private <T> T read(Supplier<T> something) {
    for (int i = 0; i < READS_IN_PASSING; i++) {
      var read = table.read(something);
      if (read.isPresent()) {
        return read.get();
      }
      Thread.onSpinWait();
    }
    // Somebody changes it all the time, or was killed in the middle of a change.
    try (var _ = turns.take()) {
      return table.readAlone(something);
    }
  }

  /**
   * Maps a virtual address to one server, in place of those that it was mapped to, if any: {@code
   * put(Service.of(vip, server))}.
   *
   * @throws TableFullException if there is no room for it; nothing has changed then
   */
  public void put(VirtualAddress vip, Server server) {
    put(Service.of(vip, server));
  }

  /**
   * Adds a virtual address, or puts new servers in place of its old ones. Connects that begin from
   * now on go to the new ones; connections that are made stay where they are, and stay counted.
   *
   * @throws TableFullException if there is no room for it; nothing has changed then
   * @throws TableBusyException if others have been changing it for ten seconds; nor then
   * @throws PinException if it was pinned and is no longer
   */
  public synchronized void put(Service service) {
    var image = Images.of(service);
    try {
      change(
          () -> {
            table.put(image);
            return true;
          });
    } catch (NoRoomException e) {
      throw new TableFullException(e);
    }
  }

  /**
   * Takes a virtual address out of the table, so that connects to it are left alone.
   *
   * @return whether it was in it
   * @throws TableBusyException if others have been changing it for ten seconds
   * @throws PinException if it was pinned and is no longer
   */
  public synchronized boolean remove(VirtualAddress vip) {
    return change(() -> table.remove(Images.key(vip)));
  }

  /**
   * Changes several things, or one by what it was before, while no other process and no other
   * thread changes the table. What throws is undone. Each virtual address changes in one piece, one
   * after the other in the order in which the work does it: connects that begin in between see the
   * earlier ones alone. So does the next process if this one is killed in the middle.
   *
   * @param work is called once, in this thread; it must be quick, as others wait, and must not use
   *     this object but through what it gets
   * @return what the work returns
   * @throws TableFullException if there is no room for something; nothing has changed then
   * @throws TableBusyException if others have been changing it for ten seconds; nor then
   * @throws PinException if it was pinned and is no longer
   */
  public synchronized <T> T edit(Function<TableEdit, T> work) {
    Objects.requireNonNull(work, "work");
    return change(
        () -> {
          var editing = new Editing();
          boolean done = false;
          try {
            var result = work.apply(editing);
            done = true;
            return result;
          } finally {
            if (!done) {
              editing.undo();
            }
          }
        });
  }

  private final class Editing implements TableEdit {
    /** What was there before, the first change first. */
    private final Map<VirtualAddress, Optional<Service>> before = new LinkedHashMap<>();

    private final Map<VirtualAddress, Optional<AddressLease>> leasesBefore = new LinkedHashMap<>();

    @Override
    public Optional<Service> get(VirtualAddress vip) {
      return table.get(Images.key(vip)).map(Images::service);
    }

    @Override
    public SortedMap<VirtualAddress, Service> list() {
      return listNow();
    }

    @Override
    public void put(Service service) {
      before.putIfAbsent(service.vip(), get(service.vip()));
      try {
        table.put(Images.of(service));
      } catch (NoRoomException e) {
        throw new TableFullException(e);
      }
    }

    @Override
    public boolean remove(VirtualAddress vip) {
      before.putIfAbsent(vip, get(vip));
      return table.remove(Images.key(vip));
    }

    @Override
    public SortedMap<VirtualAddress, AddressLease> leases() {
      return leasesNow();
    }

    @Override
    public void putLease(AddressLease lease) {
      leasesBefore.putIfAbsent(lease.vip(), Optional.ofNullable(leasesNow().get(lease.vip())));
      try {
        dataplane.leases().put(Images.key(lease.vip()), lease.cgroup().toString());
      } catch (NoRoomException e) {
        throw new TableFullException(e);
      }
    }

    @Override
    public boolean removeLease(VirtualAddress vip) {
      leasesBefore.putIfAbsent(vip, Optional.ofNullable(leasesNow().get(vip)));
      return dataplane.leases().remove(Images.key(vip));
    }

    /** What was added goes first, because it makes room. */
    void undo() {
      leasesBefore.forEach(
          (vip, old) -> {
            if (old.isEmpty()) {
              dataplane.leases().remove(Images.key(vip));
            }
          });
      leasesBefore
          .values()
          .forEach(
              old ->
                  old.ifPresent(
                      lease ->
                          dataplane
                              .leases()
                              .put(Images.key(lease.vip()), lease.cgroup().toString())));
      before.forEach(
          (vip, old) -> {
            if (old.isEmpty()) {
              table.remove(Images.key(vip));
            }
          });
      before.values().forEach(old -> old.ifPresent(service -> table.put(Images.of(service))));
    }
  }

  /** What a virtual address is mapped to. */
  public synchronized Optional<Service> get(VirtualAddress vip) {
    return read(() -> table.get(Images.key(vip))).map(Images::service);
  }

  /** What is in the table, by ascending virtual address. */
  public synchronized SortedMap<VirtualAddress, Service> list() {
    return read(this::listNow);
  }

  private SortedMap<VirtualAddress, Service> listNow() {
    var list = new TreeMap<VirtualAddress, Service>();
    table.all().values().stream()
        .map(Images::service)
        .forEach(service -> list.put(service.vip(), service));
    return Collections.unmodifiableSortedMap(list);
  }

  /** The virtual addresses that belong to cgroups, by ascending address. */
  public synchronized SortedMap<VirtualAddress, AddressLease> leases() {
    return read(this::leasesNow);
  }

  private SortedMap<VirtualAddress, AddressLease> leasesNow() {
    var leases = new TreeMap<VirtualAddress, AddressLease>();
    dataplane
        .leases()
        .all()
        .forEach(
            (vip, path) -> {
              var lease = new AddressLease(Images.vip(vip), Path.of(path));
              leases.put(lease.vip(), lease);
            });
    return Collections.unmodifiableSortedMap(leases);
  }

  /** What is said of the source that the servers come from; empty if nobody ever followed one. */
  public synchronized Optional<SourceState> source() {
    return read(() -> dataplane.sourceNote().get()).map(Images::source);
  }

  /**
   * Says something of the source that the servers come from, in place of what was said before.
   *
   * @throws TableBusyException if others have been changing the table for ten seconds
   * @throws PinException if it was pinned and is no longer
   */
  public synchronized void noteSource(SourceState state) {
    var note = Images.note(state);
    change(
        () -> {
          dataplane.sourceNote().put(note);
          return true;
        });
  }

  /** What came of the connects to a virtual address since it was added. */
  public synchronized Optional<ServiceTraffic> traffic(VirtualAddress vip) {
    return read(() -> table.figures(Images.key(vip))).map(Images::traffic);
  }

  /** What came of the connects to all virtual addresses, by ascending address. */
  public synchronized SortedMap<VirtualAddress, ServiceTraffic> traffic() {
    var all = new TreeMap<VirtualAddress, ServiceTraffic>();
    read(table::allFigures).stream()
        .map(Images::traffic)
        .forEach(traffic -> all.put(traffic.service().vip(), traffic));
    return Collections.unmodifiableSortedMap(all);
  }

  /**
   * The containers that hold connections to the servers of a virtual address, by server and
   * container.
   */
  public synchronized List<ContainerTraffic> containers(VirtualAddress vip) {
    return read(() -> table.figures(Images.key(vip))).stream()
        .flatMap(figures -> Images.containers(figures, dataplane.holders()).stream())
        .toList();
  }

  /** How full the table is. */
  public synchronized TableUse use() {
    return read(this::useNow);
  }

  private TableUse useNow() {
    return new TableUse(
        table.servicesInUse(), CAPACITY, table.backendsInUse(), Dataplane.MOST_BACKENDS);
  }

  /** All of the above at one moment. */
  public synchronized TableSnapshot snapshot() {
    return read(
        () -> {
          var holdings = dataplane.holders();
          var traffic = new TreeMap<VirtualAddress, ServiceTraffic>();
          var containers = new TreeMap<VirtualAddress, List<ContainerTraffic>>();
          for (var figures : table.allFigures()) {
            var of = Images.traffic(figures);
            traffic.put(of.service().vip(), of);
            containers.put(of.service().vip(), Images.containers(figures, holdings));
          }
          return new TableSnapshot(Instant.now(), traffic, containers, useNow());
        });
  }

  /**
   * Begins to listen to what happens to connections.
   *
   * @throws EventsTakenException if somebody does, in this process or another
   * @throws io.github.purebpf.bpf.error.BpfException if the kernel refuses; its kinds say why
   */
  public ConnectionEvents events() {
    return new ConnectionEvents(dataplane.listen().orElseThrow(EventsTakenException::new));
  }

  /**
   * Has a listener told what happens to connections, by a thread that this starts and that ends
   * with the last listener. All listeners of this object are one to the {@linkplain #events rule}
   * that one at a time can listen.
   *
   * @throws EventsTakenException if somebody else listens, in this process or another
   * @throws io.github.purebpf.bpf.error.BpfException if the kernel refuses; its kinds say why
   */
  public Listening listen(ConnectionListener listener) {
    return listeners.add(Objects.requireNonNull(listener, "listener"));
  }

  /**
   * Counts in the connections to servers of this table that programs of a cgroup have already, so
   * that least connections and the figures are right from the start: to be called once a redirector
   * is attached there. From then on they leave the counters when they end, like any other.
   *
   * <p>Connections that were counted before their cgroup was detached are what they were. Of others
   * nobody knows whether they were redirected or made to the server's own address. They count for
   * the first virtual address that has the server, by ascending address, as connections that are
   * open and not as connects; and neither a {@link Drain} nor a {@link Rebalance} closes them.
   *
   * <p>Looks at the sockets of all network namespaces in which the cgroup has processes. Needs
   * CAP_BPF and CAP_PERFMON, CAP_SYS_ADMIN for other namespaces than this thread's, CAP_SYS_PTRACE
   * for those of other users' processes, and Linux 5.16 ({@code iter/tcp}) with its own type
   * information; before Linux 6.12 or so they leave the counters when their socket is closed, and
   * not when TCP ends them before.
   *
   * @param cgroup its folder; the cgroups below it are meant as well
   * @throws io.github.purebpf.bpf.NotCgroup2Exception if it is no cgroup2 folder
   * @throws io.github.purebpf.bpf.error.BpfException if the kernel refuses; its kinds say why
   * @throws TableBusyException if others have been changing the table for ten seconds
   */
  public synchronized Adoption adopt(Path cgroup) {
    var cgroups = CgroupFinder.idsFrom(Cgroup2.require(cgroup).path());
    // In a turn of our own, so that no server goes whose connections are being counted.
    var outcome =
        change(
            () ->
                new Census(dataplane, cgroups)
                    .join(
                        table.allFigures().stream()
                            .sorted(Comparator.comparing(f -> Images.service(f.image()).vip()))
                            .toList()));
    return new Adoption(outcome.joined(), outcome.unreachable());
  }

  /**
   * Names a cgroup, whose redirection then depends on the {@link Scope}.
   *
   * @param cgroup its folder in a cgroup2 hierarchy
   * @throws io.github.purebpf.bpf.NotCgroup2Exception if it is no such folder
   */
  public void listCgroup(Path cgroup) {
    dataplane.listCgroup(Cgroup2.require(cgroup).id());
  }

  /**
   * Takes that back.
   *
   * @param cgroup the id of the cgroup, whose folder may be gone
   * @return whether it was named
   */
  public boolean unlistCgroup(long cgroup) {
    return dataplane.unlistCgroup(cgroup);
  }

  /** The ids of the cgroups that are named, in ascending order. */
  public SortedSet<Long> listedCgroups() {
    return new TreeSet<>(dataplane.listedCgroups());
  }

  /**
   * Which cgroups the programs of this table redirect, of those that it is attached to and of those
   * below them; {@link Scope#ALL} as long as none have been loaded.
   */
  public Scope scope() {
    return OptionsWord.options(dataplane.meta().options()).scope();
  }

  /**
   * Makes the table reachable for other processes, which {@linkplain #openPinned open} it: pins its
   * maps in a folder, until {@link #close} or the folder's file system ends. After a {@code kill
   * -9} the pins stay.
   *
   * @param directory in a BPF file system; missing directories are made, for their owner only
   * @throws AlreadyPinnedException if the directory holds a table
   * @throws PinException if it is in no BPF file system, or its name has a dot
   * @throws java.io.UncheckedIOException if it cannot be made or is not accessible
   * @throws io.github.purebpf.bpf.error.BpfException if the kernel refuses for another reason
   * @throws IllegalStateException if this table is pinned already
   */
  public synchronized void pin(Path directory) {
    if (folder.isPresent()) {
      throw new IllegalStateException("this table is pinned already");
    }
    folder = Optional.of(PinFolder.create(directory, dataplane));
    turns = turns(directory, dataplane);
  }

  /**
   * Counts out the connections of a cgroup whose ends nobody will see, as far as they can be found.
   * What is being made there counts as failed.
   *
   * @param cgroup its folder
   * @param followed the folders of the cgroups that are still attached
   */
  synchronized void forget(Path cgroup, Collection<Path> followed) {
    if (followed.stream().anyMatch(cgroup::startsWith) || read(table::isAtRest)) {
      return;
    }
    var cgroups = CgroupFinder.idsFrom(cgroup);
    followed.stream()
        .filter(path -> path.startsWith(cgroup))
        .forEach(path -> cgroups.removeAll(CgroupFinder.idsFrom(path)));
    try {
      var _ = new Census(dataplane, cgroups).leave();
    } catch (BpfException e) {
      // The privilege to look for them is missing, and they stay in the figures: callers say so.
    }
  }

  /**
   * Takes a server out of a virtual address, if it is one of its servers.
   *
   * @return whether the virtual address is in the table
   */
  synchronized boolean takeOut(VirtualAddress vip, Server server) {
    return change(
        () -> {
          var service = table.get(Images.key(vip)).map(Images::service);
          if (service.isPresent()) {
            var others =
                service.get().servers().stream()
                    .filter(weighted -> !weighted.server().equals(server))
                    .toList();
            if (others.size() < service.get().servers().size()) {
              table.put(Images.of(service.get().withServers(others)));
            }
          }
          return service.isPresent();
        });
  }

  synchronized Optional<ServiceFigures> figures(VirtualAddress vip) {
    return read(() -> table.figures(Images.key(vip)));
  }

  Dataplane dataplane() {
    return dataplane;
  }

  /**
   * Unpins the table if it was pinned here, ends the work of its listeners, and lets go of it. A
   * second time does nothing.
   */
  @Override
  public void close() {
    listeners.close(); // a listener may be waiting for this object
    letGo();
  }

  private synchronized void letGo() {
    try (dataplane) {
      folder.ifPresent(PinFolder::remove);
      folder = Optional.empty();
    }
  }
}
