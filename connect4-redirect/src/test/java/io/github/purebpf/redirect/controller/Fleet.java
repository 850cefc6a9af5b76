package io.github.purebpf.redirect.controller;

import io.github.purebpf.redirect.Ipv4;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.WeightedServer;
import io.github.purebpf.redirect.controller.ControllerOptions.Evening;
import io.github.purebpf.redirect.dataplane.Score;
import io.github.purebpf.redirect.source.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Hosts with sidecars, each with one long connection to one of Consul's servers. Each host decides
 * for itself, with what is shipped: {@link Roster}, {@link Health}, {@link Unevenness}, and the
 * {@link Score} that the kernel takes the least of, from a random server on. What a rebalance moves
 * is told again here, for servers of equal weight. There is no network and no process; time is a
 * number.
 *
 * <p>Servers are numbers from 0 on.
 */
final class Fleet {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  /** When Consul's own checks are assumed to have found a dead server. */
  private static final long NOTICED = 5 * SECOND;

  /** Envoy's pauses between attempts, each by chance anything from zero up to it. */
  private static final long FIRST_PAUSE = SECOND / 2;

  private static final long LONGEST_PAUSE = 30 * SECOND;

  /** How often a stream that is refused is tried again, until it is taken for stuck. */
  private static final int TRIES = 100;

  private static final int MOST_EVENTS = 100_000;

  /** How many each host has. */
  record Sidecars(int fewest, int most) {}

  /**
   * The connections of the servers that are up.
   *
   * @param fewest of one server
   * @param most of one server
   * @param newest of the server that joined last
   */
  record Spread(int proxies, int servers, int fewest, int most, int newest) {
    /** How many streams Consul lets a server have. */
    int cap() {
      return Math.ceilDiv(proxies * 11, servers * 10);
    }

    boolean isOverCap() {
      return most > cap();
    }

    /** How far the fullest server is above the mean; Consul allows a tenth. */
    double worst() {
      return (double) most * servers / proxies - 1;
    }

    /** What the newest server has of an even share. */
    double joined() {
      return (double) newest * servers / proxies;
    }
  }

  /**
   * What a death was for the proxies that were connected.
   *
   * @param lost how many connections broke
   * @param mean how long they were without one, in seconds
   * @param longest the same
   */
  record Outage(int lost, double mean, double longest) {}

  /**
   * What Consul's cap did.
   *
   * @param ended how many streams were ended
   * @param stuck how many found no server that would have them
   */
  record Capped(int ended, int stuck) {}

  private final RandomGenerator random;
  private final int hosts;

  /** No host has more sidecars. */
  private final int most;

  private final int slots;
  private final boolean[] up;
  private final Server[] names;
  private final Roster[] rosters;

  /** By host, then by server. */
  private final int[] loads;

  private final int[] totals;
  private final int[] sidecars;
  private int proxies;
  private int newest;

  /** The time of the last event, the same on all hosts. */
  private long now;

  /**
   * With servers that are up, and no connection.
   *
   * @param joining how many more may join
   */
  Fleet(int hosts, Sidecars each, int servers, int joining, RandomGenerator random) {
    this.random = random;
    this.hosts = hosts;
    this.most = each.most();
    this.slots = servers + joining;
    this.up = new boolean[slots];
    Arrays.fill(up, 0, servers, true);
    this.newest = servers - 1;
    this.names =
        IntStream.range(0, slots)
            .mapToObj(i -> new Server(Ipv4.parse("10.0.0.1"), i + 1))
            .toArray(Server[]::new);
    this.loads = new int[hosts * slots];
    this.totals = new int[slots];
    this.sidecars = new int[hosts];
    this.rosters = new Roster[hosts];
    for (int host = 0; host < hosts; host++) {
      sidecars[host] = random.nextInt(each.fewest(), each.most() + 1);
      proxies += sidecars[host];
      rosters[host] = new Roster(Patience.DEFAULT, List.of(), 0);
    }
  }

  Spread spread() {
    var live = IntStream.range(0, slots).filter(s -> up[s]).map(s -> totals[s]).summaryStatistics();
    return new Spread(proxies, (int) live.getCount(), live.getMin(), live.getMax(), totals[newest]);
  }

  /** How many connections there are. */
  int connected() {
    return Arrays.stream(totals).sum();
  }

  /** How many connections to a server a host has. */
  int load(int host, int server) {
    return loads[host * slots + server];
  }

  private Finding.Servers answer() {
    return new Finding.Servers(
        IntStream.range(0, slots)
            .filter(s -> up[s])
            .mapToObj(s -> new WeightedServer(names[s]))
            .toList(),
        Set.of());
  }

  private int[] used(int host, long at) {
    return rosters[host].decide(at).stream()
        .filter(Roster.Entry::isUsed)
        .mapToInt(entry -> entry.server().server().port() - 1)
        .toArray();
  }

  private void add(int host, int server, int count) {
    loads[host * slots + server] += count;
    totals[server] += count;
  }

  /** As the kernel does. */
  private int choose(int host, int[] used) {
    int start = random.nextInt(used.length);
    int best = -1;
    long least = Long.MAX_VALUE;
    for (int i = 0; i < used.length; i++) {
      int server = used[(start + i) % used.length];
      long score = Score.ofLoad(load(host, server), 1);
      if (score < least) {
        least = score;
        best = server;
      }
    }
    return best;
  }

  /** All hosts learn of the servers, and all sidecars connect. */
  void start() {
    var answer = answer();
    for (int host = 0; host < hosts; host++) {
      rosters[host].found(answer, now);
      int[] used = used(host, now);
      for (int i = 0; i < sidecars[host]; i++) {
        add(host, choose(host, used), 1);
      }
    }
  }

  /** A server breaks its connections off and refuses all others. */
  Outage die(int server) {
    up[server] = false;
    var answer = answer();
    int lost = totals[server];
    long sum = 0;
    long longest = 0;
    for (int host = 0; host < hosts; host++) {
      for (long waited : new Death(host, server, answer).waited()) {
        sum += waited;
        longest = Math.max(longest, waited);
      }
    }
    now += NOTICED + Patience.DEFAULT.calm().toNanos();
    return new Outage(lost, sum / (double) SECOND / Math.max(1, lost), longest / (double) SECOND);
  }

  /** What comes of a server's death on one host. */
  private final class Death {
    private final int host;
    private final int dead;
    private final Finding answer;
    private final Health health = new Health(HealthCheck.DEFAULT);
    private final long[] established = new long[slots];
    private final long[] next;
    private final int[] tries;
    private final long[] waited;
    private long failed;
    private int[] used;

    Death(int host, int dead, Finding answer) {
      this.host = host;
      this.dead = dead;
      this.answer = answer;
      this.used = used(host, now);
      int lost = load(host, dead);
      add(host, dead, -lost);
      this.next = new long[lost];
      this.tries = new int[lost];
      this.waited = new long[lost];
      look(0);
    }

    private void look(long at) {
      for (int server : used) {
        health.counted(names[server], established[server], server == dead ? failed : 0, now + at);
      }
    }

    /** How long each connection was away. */
    long[] waited() {
      var roster = rosters[host];
      long look = random.nextLong(SECOND);
      long check = random.nextLong(HealthCheck.DEFAULT.interval().toNanos());
      long noticed = NOTICED;
      for (int events = 0; events < MOST_EVENTS; events++) {
        int first = first();
        long attempt = first < 0 ? Long.MAX_VALUE : next[first];
        if (first < 0 && !uses(dead)) {
          leave(roster);
          return waited;
        }
        if (attempt <= Math.min(noticed, Math.min(look, check))) {
          connect(first);
          continue;
        }
        long at = Math.min(noticed, Math.min(look, check));
        if (at == noticed) {
          roster.found(answer, now + at);
          noticed = Long.MAX_VALUE;
        } else if (at == look) {
          look(at);
          look += SECOND;
        } else {
          health.checked(names[dead], false);
          check += (long) (HealthCheck.DEFAULT.interval().toNanos() * (1 - random.nextDouble(0.2)));
        }
        roster.check(health.down(now + at));
        used = used(host, now + at);
      }
      throw new IllegalStateException("host " + host + " does not come to rest");
    }

    private boolean uses(int server) {
      return Arrays.stream(used).anyMatch(s -> s == server);
    }

    /** The next that is tried; -1 if all are back. */
    private int first() {
      int first = -1;
      for (int i = 0; i < next.length; i++) {
        if (next[i] < Long.MAX_VALUE && (first < 0 || next[i] < next[first])) {
          first = i;
        }
      }
      return first;
    }

    private void connect(int connection) {
      int server = choose(host, used);
      if (server == dead) {
        failed++;
        long most = Math.min(FIRST_PAUSE << Math.min(tries[connection]++, 10), LONGEST_PAUSE);
        next[connection] += random.nextLong(most);
        return;
      }
      add(host, server, 1);
      established[server]++;
      waited[connection] = next[connection];
      next[connection] = Long.MAX_VALUE;
    }

    /** It is not named any more, and forgotten behind that. */
    private void leave(Roster roster) {
      long told = now + NOTICED;
      roster.found(answer, told);
      roster.check(Set.of());
      used = used(host, told + Patience.DEFAULT.hold().toNanos());
      if (uses(dead)) {
        throw new IllegalStateException("host " + host + " keeps a server that has left");
      }
    }
  }

  /**
   * A server joins, and each host evens out its connections.
   *
   * @return how many were moved
   */
  int join(int server) {
    up[server] = true;
    newest = server;
    var answer = answer();
    int moved = 0;
    for (int host = 0; host < hosts; host++) {
      rosters[host].found(answer, now);
      moved += even(host, used(host, now));
    }
    return moved;
  }

  private int even(int host, int[] used) {
    double share = (double) sidecars[host] / used.length;
    double excess = load(host, fullest(host, used)) - share;
    if (!new Unevenness(excess, share).isMoreThan(Evening.DEFAULT.slack())) {
      return 0;
    }
    int moved = 0;
    int from = fullest(host, used);
    while (load(host, from) - load(host, choose(host, used)) > 1) {
      add(host, from, -1);
      add(host, choose(host, used), 1);
      moved++;
      from = fullest(host, used);
    }
    return moved;
  }

  /** The last of those with the most, as the first ones keep what is over. */
  private int fullest(int host, int[] used) {
    int most = used[0];
    for (int server : used) {
      if (load(host, server) >= load(host, most)) {
        most = server;
      }
    }
    return most;
  }

  /**
   * Consul's servers end streams that are over their cap, any of them, and take none over it. Who
   * had one connects again, as the kernel chooses.
   */
  Capped cap() {
    int cap = spread().cap();
    int ended = 0;
    var waiting = new ArrayList<Integer>();
    boolean over = true;
    while (over) {
      over = false;
      for (int server = 0; server < slots; server++) {
        if (totals[server] > cap) {
          int host = anyOf(server);
          add(host, server, -1);
          ended++;
          over = true;
          if (!place(host, cap)) {
            waiting.add(host);
          }
        }
      }
    }
    waiting.removeIf(host -> place(host, cap));
    return new Capped(ended, waiting.size());
  }

  /** The host of a stream of a server, each stream as likely as the other. */
  private int anyOf(int server) {
    while (true) {
      int host = random.nextInt(hosts);
      if (random.nextInt(most) < load(host, server)) {
        return host;
      }
    }
  }

  private boolean place(int host, int cap) {
    int[] used = used(host, now);
    for (int i = 0; i < TRIES; i++) {
      int server = choose(host, used);
      if (totals[server] < cap) {
        add(host, server, 1);
        return true;
      }
    }
    return false;
  }
}
