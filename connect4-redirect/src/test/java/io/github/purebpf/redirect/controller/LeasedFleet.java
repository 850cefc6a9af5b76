package io.github.purebpf.redirect.controller;

import io.github.purebpf.redirect.Ipv4;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.WeightedServer;
import io.github.purebpf.redirect.controller.Fleet.Capped;
import io.github.purebpf.redirect.controller.Fleet.Sidecars;
import io.github.purebpf.redirect.controller.Fleet.Spread;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The same where each sidecar has an address of its own, and {@link Assignment}, as it is shipped,
 * says which server that has. What takes time is left out: all hosts do what they have to, one
 * after the other.
 *
 * <p>Servers are numbers from 0 on.
 */
final class LeasedFleet {
  /** How many servers a stream that is refused tries, until it is taken for stuck. */
  private static final int TRIES = 100;

  private final RandomGenerator random;
  private final Assignment[] hosts;
  private final int[] sidecars;

  /** No host has more sidecars. */
  private final int most;

  private final boolean[] up;
  private final int[] totals;
  private int proxies;
  private int newest;

  /**
   * With servers that are up, and a connection of each sidecar.
   *
   * @param joining how many more may join
   */
  LeasedFleet(int hosts, Sidecars each, int servers, int joining, RandomGenerator random) {
    this.random = random;
    this.hosts = new Assignment[hosts];
    this.sidecars = new int[hosts];
    this.most = each.most();
    this.up = new boolean[servers + joining];
    this.totals = new int[servers + joining];
    this.newest = servers - 1;
    Arrays.fill(up, 0, servers, true);
    var used = used();
    for (int host = 0; host < hosts; host++) {
      sidecars[host] = random.nextInt(each.fewest(), each.most() + 1);
      proxies += sidecars[host];
      this.hosts[host] = new Assignment(random);
      for (int i = 0; i < sidecars[host]; i++) {
        this.hosts[host].add(vip(i), Optional.empty());
      }
      settle(this.hosts[host], used);
    }
    count();
  }

  private static VirtualAddress vip(int sidecar) {
    return new VirtualAddress(Ipv4.parse("127.64.0.1"), 1 + sidecar);
  }

  private static WeightedServer server(int number) {
    return new WeightedServer(new Server(Ipv4.parse("10.0.0.1"), 1 + number));
  }

  private List<WeightedServer> used() {
    return IntStream.range(0, up.length).filter(s -> up[s]).mapToObj(LeasedFleet::server).toList();
  }

  /** How many are moved. */
  private static int settle(Assignment host, List<WeightedServer> used) {
    host.settle(used);
    int moves = 0;
    while (host.even(used).isPresent()) {
      moves++;
    }
    return moves;
  }

  private int serverOf(int host, int sidecar) {
    return hosts[host].servers().get(vip(sidecar)).orElseThrow().port() - 1;
  }

  private void count() {
    Arrays.fill(totals, 0);
    for (var host : hosts) {
      host.servers().values().forEach(server -> totals[server.orElseThrow().port() - 1]++);
    }
  }

  Spread spread() {
    var live = IntStream.range(0, up.length).filter(s -> up[s]).map(s -> totals[s]);
    var numbers = live.summaryStatistics();
    return new Spread(
        proxies, (int) numbers.getCount(), numbers.getMin(), numbers.getMax(), totals[newest]);
  }

  /** A server leaves or dies, and its sidecars get others. */
  void die(int server) {
    up[server] = false;
    change();
  }

  /**
   * A server joins.
   *
   * @return how many were moved
   */
  int join(int server) {
    up[server] = true;
    newest = server;
    return change();
  }

  private int change() {
    var used = used();
    int moves = 0;
    for (var host : hosts) {
      moves += settle(host, used);
    }
    count();
    return moves;
  }

  /**
   * Consul's servers end streams that are over their cap, any of them, and take none over it. Whose
   * was ended is refused when it comes back, until its controller gives it another server.
   */
  Capped cap() {
    int cap = spread().cap();
    int ended = 0;
    var waiting = new ArrayList<int[]>(); // host and sidecar
    for (int server = 0; server < up.length; server++) {
      while (totals[server] > cap) {
        int[] one = anyOf(server, waiting);
        totals[server]--;
        ended++;
        if (!place(one[0], one[1], cap)) {
          waiting.add(one);
        }
      }
    }
    waiting.removeIf(one -> place(one[0], one[1], cap));
    return new Capped(ended, waiting.size());
  }

  /** A sidecar that has a stream to a server, each as likely as the other. */
  private int[] anyOf(int server, List<int[]> without) {
    while (true) {
      int host = random.nextInt(hosts.length);
      int sidecar = random.nextInt(most);
      if (sidecar < sidecars[host]
          && serverOf(host, sidecar) == server
          && without.stream().noneMatch(one -> one[0] == host && one[1] == sidecar)) {
        return new int[] {host, sidecar};
      }
    }
  }

  private boolean place(int host, int sidecar, int cap) {
    var used = used();
    for (int i = 0; i < TRIES; i++) {
      int server = serverOf(host, sidecar);
      if (totals[server] < cap) {
        totals[server]++;
        hosts[host].stay(vip(sidecar));
        return true;
      }
      if (hosts[host].leave(vip(sidecar), used).isEmpty()) {
        return false;
      }
    }
    return false;
  }
}
