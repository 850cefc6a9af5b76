package io.github.purebpf.redirect.controller;

import io.github.purebpf.redirect.controller.Fleet.Capped;
import io.github.purebpf.redirect.controller.Fleet.Outage;
import io.github.purebpf.redirect.controller.Fleet.Sidecars;
import io.github.purebpf.redirect.controller.Fleet.Spread;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Prints how even the streams of a fleet are, and what its controllers ask of Consul. */
final class FleetSimulation {
  private static final int[] FLEETS = {10, 1_000, 100_000};
  private static final int[] SERVERS = {3, 5};
  private static final Sidecars SOME = new Sidecars(1, 10);
  private static final Sidecars ONE = new Sidecars(1, 1);

  private FleetSimulation() {}

  /**
   * What a fleet went through.
   *
   * @param moved by the hosts, when a server joined
   */
  record Story(
      Spread start,
      Outage outage,
      Spread death,
      int moved,
      Spread join,
      Capped capped,
      Spread end) {}

  /** All start, the first server dies, another joins, and Consul keeps to its cap. */
  static Story tell(int hosts, Sidecars each, int servers, long seed) {
    var fleet = new Fleet(hosts, each, servers, 1, new Random(seed));
    fleet.start();
    var start = fleet.spread();
    var outage = fleet.die(0);
    var death = fleet.spread();
    int moved = fleet.join(servers);
    var join = fleet.spread();
    var capped = fleet.cap();
    return new Story(start, outage, death, moved, join, capped, fleet.spread());
  }

  /** The same with an address for each sidecar; how long they were away is not known. */
  static Story tellLeased(int hosts, Sidecars each, int servers, long seed) {
    var fleet = new LeasedFleet(hosts, each, servers, 1, new Random(seed));
    var start = fleet.spread();
    fleet.die(0);
    var death = fleet.spread();
    int moved = fleet.join(servers);
    var join = fleet.spread();
    var capped = fleet.cap();
    return new Story(start, new Outage(0, 0, 0), death, moved, join, capped, fleet.spread());
  }

  private interface Teller {
    Story tell(int hosts, Sidecars each, int servers, long seed);
  }

  /** Fewer of large ones. */
  private static int runs(int hosts) {
    return Math.max(1, Math.min(1_000, 20_000 / hosts));
  }

  private static List<Story> tell(Row row, Teller teller) {
    var stories = new ArrayList<Story>();
    for (int seed = 0; seed < runs(row.hosts()); seed++) {
      stories.add(teller.tell(row.hosts(), row.each(), row.servers(), seed));
    }
    return stories;
  }

  private static double mean(List<Story> stories, ToDoubleFunction<Story> figure) {
    return stories.stream().mapToDouble(figure).average().orElseThrow();
  }

  private static double part(List<Story> stories, Predicate<Story> which) {
    return mean(stories, story -> which.test(story) ? 1 : 0);
  }

  /** What differs between the rows of the table. */
  record Row(Sidecars each, int servers, int hosts) {}

  private static List<Row> rows() {
    var rows = new ArrayList<Row>();
    for (var each : List.of(SOME, ONE)) {
      for (int servers : SERVERS) {
        for (int hosts : FLEETS) {
          rows.add(new Row(each, servers, hosts));
        }
      }
    }
    return rows;
  }

  public static void main(String[] args) {
    var shared = new LinkedHashMap<Row, List<Story>>();
    rows().forEach(row -> shared.put(row, tell(row, FleetSimulation::tell)));
    death(shared);
    join("A server joins", shared);
    var leased = new LinkedHashMap<Row, List<Story>>();
    rows().forEach(row -> leased.put(row, tell(row, FleetSimulation::tellLeased)));
    evenness("An address for each sidecar", leased);
    join("A server joins, with an address for each sidecar", leased);
    table(
        "Requests at Consul",
        "hosts",
        "first second",
        "a wave after",
        "steady",
        "at one server",
        "a death: at one other",
        "watches there then",
        "answers to all",
        "all gone: at first",
        "after 5 min");
    for (int hosts : FLEETS) {
      watches(hosts);
    }
  }

  private static void death(Map<Row, List<Story>> told) {
    table(
        "All start, and a server dies",
        "sidecars",
        "servers",
        "hosts",
        "runs",
        "fullest",
        "over the cap",
        "fullest after a death",
        "over the cap",
        "away, mean",
        "away, longest");
    told.forEach(
        (row, stories) ->
            print(
                words(row.each()),
                row.servers(),
                count(row.hosts()),
                stories.size(),
                above(mean(stories, s -> s.start().worst())),
                percent(part(stories, s -> s.start().isOverCap())),
                above(mean(stories, s -> s.death().worst())),
                percent(part(stories, s -> s.death().isOverCap())),
                seconds(mean(stories, s -> s.outage().mean())),
                seconds(
                    stories.stream().mapToDouble(s -> s.outage().longest()).max().orElseThrow())));
  }

  private static void evenness(String title, Map<Row, List<Story>> told) {
    table(
        title,
        "sidecars",
        "servers",
        "hosts",
        "runs",
        "fullest",
        "over the cap",
        "fullest after a death",
        "over the cap");
    told.forEach(
        (row, stories) ->
            print(
                words(row.each()),
                row.servers(),
                count(row.hosts()),
                stories.size(),
                above(mean(stories, s -> s.start().worst())),
                percent(part(stories, s -> s.start().isOverCap())),
                above(mean(stories, s -> s.death().worst())),
                percent(part(stories, s -> s.death().isOverCap()))));
  }

  private static void join(String title, Map<Row, List<Story>> told) {
    table(
        title,
        "sidecars",
        "servers",
        "hosts",
        "moved",
        "newest",
        "fullest",
        "ended by Consul",
        "newest",
        "fullest",
        "stuck",
        "runs with stuck");
    told.forEach(
        (row, stories) ->
            print(
                words(row.each()),
                row.servers(),
                count(row.hosts()),
                percent(mean(stories, s -> (double) s.moved() / s.join().proxies())),
                percent(mean(stories, s -> s.join().joined())),
                above(mean(stories, s -> s.join().worst())),
                percent(mean(stories, s -> (double) s.capped().ended() / s.end().proxies())),
                percent(mean(stories, s -> s.end().joined())),
                above(mean(stories, s -> s.end().worst())),
                percent(mean(stories, s -> (double) s.capped().stuck() / s.end().proxies())),
                percent(part(stories, s -> s.capped().stuck() > 0))));
  }

  private static void watches(int hosts) {
    int servers = 3;
    int told = 10;
    var watchers = new Watchers(hosts, servers, new Random(hosts));
    var start = watchers.start(0, 7_200);
    int before = Arrays.stream(watchers.held()).max().orElseThrow();
    var death = watchers.die(told, told + 1);
    var others = IntStream.range(1, servers).boxed().toList();
    int other =
        Collections.max(others, Comparator.comparingInt(one -> death.get(one).most(0, told)));
    var gone = new Watchers(hosts, servers, new Random(hosts)).allGone(900);
    print(
        count(hosts),
        count(start.most(0, 1)),
        count(start.most(1, 600)),
        count(start.mean(3_600, 7_200)),
        count(before),
        count(death.get(other).most(0, told)),
        count(watchers.held()[other]),
        count(death.stream().mapToInt(one -> one.most(told, told + 1)).sum()),
        count(gone.mean(0, 10)),
        count(gone.mean(300, 900)));
  }

  private static String words(Sidecars each) {
    return each.fewest() == each.most() ? "" + each.most() : each.fewest() + " to " + each.most();
  }

  private static String count(double count) {
    boolean small = count < 10 && count != Math.rint(count);
    return String.format(Locale.ROOT, small ? "%.2f" : "%,.0f", count);
  }

  private static String percent(double part) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * part);
  }

  private static String above(double part) {
    return String.format(Locale.ROOT, "+%.1f %%", 100 * part);
  }

  private static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.1f s", seconds);
  }

  private static void table(String title, String... columns) {
    System.out.printf("%n### %s%n%n", title);
    print((Object[]) columns);
    print(Arrays.stream(columns).map(_ -> "---").toArray());
  }

  private static void print(Object... cells) {
    var words = Arrays.stream(cells).map(String::valueOf).toList();
    System.out.println("| " + String.join(" | ", words) + " |");
  }
}
