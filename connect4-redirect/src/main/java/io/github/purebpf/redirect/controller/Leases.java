package io.github.purebpf.redirect.controller;

import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.bpf.NotCgroup2Exception;
import io.github.purebpf.redirect.AddressLease;
import io.github.purebpf.redirect.AddressRange;
import io.github.purebpf.redirect.RedirectTable;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.TableEdit;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.WeightedServer;
import io.github.purebpf.redirect.controller.ControllerOptions.Evening;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * The addresses that containers have of their own: gives them out, says which server each has, and
 * takes them back. It has no thread, and is used by one at a time. Those that are in the table when
 * it begins go on, whatever range they are from.
 */
final class Leases {
  private static final long WINDOW = Duration.ofSeconds(10).toNanos();
  private static final int RESTLESS = 3;

  private final RedirectTable table;
  private final Optional<ContainerAddresses> addresses;
  private final RandomGenerator random;
  private final Assignment assignment;
  private final Map<VirtualAddress, AddressLease> leases = new LinkedHashMap<>();

  /** Since when cgroups are gone. */
  private final Map<VirtualAddress, Long> gone = new HashMap<>();

  /** How many connects there had been at a time. */
  private record Window(long since, long established) {}

  private final Map<VirtualAddress, Window> windows = new HashMap<>();
  private List<WeightedServer> used = List.of();

  /** When the servers or the addresses became others. */
  private long changed;

  /** How many addresses may be moved now. */
  private double credit;

  Leases(
      RedirectTable table,
      Optional<ContainerAddresses> addresses,
      RandomGenerator random,
      long now) {
    this.table = table;
    this.addresses = addresses;
    this.random = random;
    this.assignment = new Assignment(random);
    changed(now);
    for (var lease : table.leases().values()) {
      leases.put(lease.vip(), lease);
      assignment.add(
          lease.vip(),
          table.get(lease.vip()).stream()
              .flatMap(service -> service.servers().stream())
              .map(WeightedServer::server)
              .findFirst());
    }
  }

  private void changed(long now) {
    changed = now;
    credit = random.nextDouble(); // so that many hosts do not move theirs at once
  }

  Collection<AddressLease> all() {
    return List.copyOf(leases.values());
  }

  /**
   * The address of a cgroup, which is put into the table if it is new.
   *
   * @param fresh what an address is that is new; its servers are replaced
   * @throws RangeFullException if there is none for it
   * @throws IllegalStateException if there is no range
   */
  AddressLease lease(Path cgroup, Function<VirtualAddress, Service> fresh, long now) {
    var path = cgroup.toAbsolutePath().normalize();
    for (var lease : leases.values()) {
      if (lease.cgroup().equals(path)) {
        gone.remove(lease.vip());
        return lease;
      }
    }
    var range =
        addresses
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "the controller has no range of addresses to lease one of"))
            .range();
    var lease = table.edit(edit -> put(edit, range, path, fresh));
    leases.put(lease.vip(), lease);
    changed(now);
    return lease;
  }

  private AddressLease put(
      TableEdit edit, AddressRange range, Path path, Function<VirtualAddress, Service> fresh) {
    var known = edit.leases();
    int leased = (int) known.keySet().stream().filter(range::contains).count();
    var vip =
        range
            .choose(
                path.toString(),
                one ->
                    leased >= range.size() || known.containsKey(one) || edit.get(one).isPresent())
            .orElseThrow(() -> new RangeFullException(range, leased));
    var lease = new AddressLease(vip, path);
    boolean done = false;
    try {
      assignment.add(vip, Optional.empty());
      assignment.settle(used);
      edit.putLease(lease);
      edit.put(fresh.apply(vip).withServers(servers(vip)));
      done = true;
      return lease;
    } finally {
      if (!done) {
        assignment.remove(vip);
      }
    }
  }

  private List<WeightedServer> servers(VirtualAddress vip) {
    return Optional.ofNullable(assignment.servers().get(vip)).orElse(Optional.empty()).stream()
        .map(WeightedServer::new)
        .toList();
  }

  /** Which server each address has, now that these are used. */
  Map<VirtualAddress, List<WeightedServer>> assign(List<WeightedServer> now, long time) {
    if (!now.equals(used)) {
      used = List.copyOf(now);
      changed(time);
    }
    assignment.settle(used);
    var all = new LinkedHashMap<VirtualAddress, List<WeightedServer>>();
    assignment
        .servers()
        .forEach((vip, server) -> all.put(vip, server.stream().map(WeightedServer::new).toList()));
    return all;
  }

  /** Changes the servers of as many addresses as may be moved in a second; called once in each. */
  List<Assignment.Move> even(Evening evening, long now) {
    if (now - changed < evening.settle().toNanos()) {
      return List.of();
    }
    var moves = new ArrayList<Assignment.Move>();
    credit += evening.share() * leases.size();
    while (credit >= 1) {
      var move = assignment.even(used);
      if (move.isEmpty()) {
        credit = 1;
        break;
      }
      moves.add(move.get());
      credit--;
    }
    return moves;
  }

  /**
   * Gives an address another server if its connections do not last: three connects in ten seconds.
   *
   * @param established how many there have been, since some time
   */
  Optional<Assignment.Move> counted(VirtualAddress vip, long established, long now) {
    var begin = windows.get(vip);
    if (begin == null || established < begin.established() || now - begin.since() >= WINDOW) {
      windows.put(vip, new Window(now, established));
      if (begin != null && established - begin.established() < RESTLESS) {
        assignment.stay(vip);
      }
      return Optional.empty();
    }
    if (established - begin.established() < RESTLESS) {
      return Optional.empty();
    }
    windows.put(vip, new Window(now, established));
    return assignment.leave(vip, used);
  }

  /** Takes back what belonged to cgroups that have been gone for long enough, and tells which. */
  List<AddressLease> look(long now) {
    var back = new ArrayList<AddressLease>();
    var keep = addresses.map(ContainerAddresses::keep).orElse(ContainerAddresses.KEEP);
    for (var lease : all()) {
      if (!isGone(lease.cgroup())) {
        gone.remove(lease.vip());
      } else if (now - gone.computeIfAbsent(lease.vip(), _ -> now) >= keep.toNanos()) {
        table.edit(
            edit -> {
              edit.remove(lease.vip());
              return edit.removeLease(lease.vip());
            });
        leases.remove(lease.vip());
        gone.remove(lease.vip());
        windows.remove(lease.vip());
        assignment.remove(lease.vip());
        changed(now);
        back.add(lease);
      }
    }
    return back;
  }

  /** Not so where the cgroups cannot be seen: then nobody knows. */
  private static boolean isGone(Path cgroup) {
    if (Files.isDirectory(cgroup)) {
      return false;
    }
    var above = cgroup.getParent();
    while (above != null && !Files.isDirectory(above)) {
      above = above.getParent();
    }
    try {
      Cgroup2.require(above);
      return true;
    } catch (NotCgroup2Exception e) {
      return false;
    }
  }
}
