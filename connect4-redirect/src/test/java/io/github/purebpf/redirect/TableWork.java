package io.github.purebpf.redirect;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One of several that change a table: puts and removes virtual addresses of its own with random
 * sets of servers, whose addresses tell whose they are.
 */
final class TableWork {
  private static final int ADDRESSES = 24;
  private static final int MOST_SERVERS = 9;
  private static final int REMOVALS = 4;

  private final int worker;
  private final Random random;

  /** What the table holds of it. */
  private final Map<VirtualAddress, Service> done = new TreeMap<>();

  TableWork(int worker, long seed) {
    this.worker = worker;
    this.random = new Random(seed);
  }

  /**
   * In a JVM of its own: {@code DIRECTORY WORKER SEED CHANGES}. Prints a line when it has begun.
   */
  public static void main(String[] args) {
    var work = new TableWork(Integer.parseInt(args[1]), Long.parseLong(args[2]));
    try (var table = RedirectTable.openPinned(Path.of(args[0]))) {
      work.change(table, 1);
      System.out.println("begun");
      work.change(table, Integer.parseInt(args[3]) - 1);
    }
    System.out.println("done");
  }

  static List<String> command(Path directory, int worker, long seed, int changes) {
    return ChildJvm.command(
        TableWork.class,
        directory.toString(),
        Integer.toString(worker),
        Long.toString(seed),
        Integer.toString(changes));
  }

  /** Makes some changes. */
  void change(RedirectTable table, int changes) {
    for (int i = 0; i < changes; i++) {
      var vip = new VirtualAddress(Ipv4.parse("127.77.%d.1".formatted(worker)), port());
      if (random.nextInt(REMOVALS) == 0) {
        boolean removed = table == null || table.remove(vip);
        if (removed != (done.remove(vip) != null) && table != null) {
          throw new AssertionError(vip + " removed: " + removed);
        }
      } else {
        var service = service(vip);
        if (table != null) {
          table.put(service);
        }
        done.put(vip, service);
      }
    }
  }

  /** What it would have done. */
  Map<VirtualAddress, Service> pretend(int changes) {
    change(null, changes);
    return done;
  }

  Map<VirtualAddress, Service> done() {
    return done;
  }

  private int port() {
    return 1 + random.nextInt(ADDRESSES);
  }

  private Service service(VirtualAddress vip) {
    var servers = new ArrayList<WeightedServer>();
    int first = random.nextInt(20);
    int count = random.nextInt(MOST_SERVERS);
    for (int i = 0; i < count; i++) {
      var address = Ipv4.parse("10.%d.%d.%d".formatted(worker, vip.port(), 1 + first + i));
      servers.add(new WeightedServer(new Server(address, 80), 1 + random.nextInt(100)));
    }
    return Service.of(vip).withServers(servers).withPolicy(Policy.WEIGHTED);
  }

  /** Fails if an address has servers of another, or figures of others than its servers. */
  static void requireUnmixed(RedirectTable table) {
    table.list().values().forEach(TableWork::requireUnmixed);
    for (var traffic : table.traffic().values()) {
      requireUnmixed(traffic.service());
      var counted =
          traffic.servers().stream().map(ServerTraffic::server).collect(Collectors.toSet());
      var put =
          traffic.service().servers().stream()
              .map(WeightedServer::server)
              .collect(Collectors.toSet());
      if (!counted.equals(put)) {
        throw new AssertionError(traffic.service() + " has figures of " + counted);
      }
    }
  }

  private static void requireUnmixed(Service service) {
    for (var weighted : service.servers()) {
      int host = weighted.server().address().bits();
      int of = service.vip().address().bits();
      if ((host >>> 16 & 0xff) != (of >>> 8 & 0xff)
          || (host >>> 8 & 0xff) != service.vip().port()) {
        throw new AssertionError(service + " has a server of another");
      }
    }
  }
}
