package io.github.purebpf.redirect.controller;

import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.WeightedServer;
import io.github.purebpf.redirect.source.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Decides which servers are used, from what the source says and what the checks find. It has no
 * clock and no thread: each call says when it is, in nanoseconds.
 *
 * <p>It is never empty again once it had a server.
 */
final class Roster {
  /** What is decided about one server. */
  record Entry(WeightedServer server, Standing standing) {
    boolean isUsed() {
      return standing == Standing.ACTIVE || standing == Standing.HELD || standing == Standing.PANIC;
    }
  }

  private static final class Member {
    private int weight;

    /** When the first answer came that does not name it. */
    private Optional<Long> missing = Optional.empty();

    private Member(int weight) {
      this.weight = weight;
    }
  }

  /** How often one came back, and when it went last. */
  private record Flaps(int count, long last) {}

  private final Patience patience;
  private final Map<Server, Member> members = new LinkedHashMap<>();
  private final Map<Server, Flaps> flaps = new HashMap<>();
  private final Set<Server> unhealthy = new HashSet<>();
  private Optional<String> problem = Optional.empty();

  /** Whether the last finding may take servers away. */
  private boolean trusted;

  private long heard;
  private boolean answered;

  /**
   * Begins with the servers that were used last.
   *
   * @param now the time
   */
  Roster(Patience patience, Collection<WeightedServer> remembered, long now) {
    this.patience = patience;
    this.heard = now;
    for (var server : remembered) {
      members.put(server.server(), new Member(server.weight()));
    }
  }

  /** Takes a finding of the source in. */
  void found(Finding finding, long now) {
    trusted = false;
    switch (finding) {
      case Finding.Failed(var reason) -> problem = Optional.of(reason);
      case Finding.Servers servers -> found(servers, now);
    }
  }

  private void found(Finding.Servers answer, long now) {
    var servers = answer.servers();
    if (servers.isEmpty()) {
      problem = Optional.of("the source names no server; those of before are kept");
      return;
    }
    heard = now;
    answered = true;
    trusted = answer.doubts().isEmpty();
    problem = trusted ? leftOut(answer.leftOut()) : Optional.of(words(answer.doubts()));
    var named = new HashSet<Server>();
    for (var server : servers) {
      named.add(server.server());
      add(server, now);
    }
    if (trusted) {
      members.forEach(
          (server, member) -> {
            if (!named.contains(server) && member.missing.isEmpty()) {
              member.missing = Optional.of(now);
            }
          });
    }
    leave(now);
    if (members.size() > Service.MOST_SERVERS) {
      problem =
          Optional.of(
              "the source names %d servers; the first %d are used"
                  .formatted(members.size(), Service.MOST_SERVERS));
    }
  }

  private static Optional<String> leftOut(List<String> lines) {
    return lines.isEmpty()
        ? Optional.empty()
        : Optional.of("some servers cannot be used: " + String.join(", ", lines));
  }

  private static String words(Set<Finding.Doubt> doubts) {
    var words = new ArrayList<String>();
    for (var doubt : Finding.Doubt.values()) {
      if (doubts.contains(doubt)) {
        words.add(
            switch (doubt) {
              case FILTERED -> "the source tells only what its token may see";
              case STALE -> "the source tells what it knew before it lost its leader";
            });
      }
    }
    return String.join(", ", words) + "; servers are added and none is taken away";
  }

  private void add(WeightedServer server, long now) {
    var member = members.get(server.server());
    if (member == null) {
      members.put(server.server(), new Member(server.weight()));
      return;
    }
    member.weight = server.weight();
    if (member.missing.isPresent()) {
      noteFlap(server.server(), now);
      member.missing = Optional.empty();
    }
  }

  private void noteFlap(Server server, long now) {
    flaps.merge(
        server,
        new Flaps(1, now),
        (before, fresh) ->
            now - before.last() > patience.calm().toNanos()
                ? fresh
                : new Flaps(before.count() + 1, now));
  }

  /** How long a server stays that is not named. */
  Duration hold(Server server, long now) {
    var known = flaps.get(server);
    if (known == null || now - known.last() > patience.calm().toNanos()) {
      return patience.hold();
    }
    var hold = patience.hold();
    for (int i = 0; i < known.count() && hold.compareTo(patience.mostHold()) < 0; i++) {
      hold = hold.multipliedBy(2);
    }
    return hold.compareTo(patience.mostHold()) < 0 ? hold : patience.mostHold();
  }

  /** Says which servers the checks find to be unhealthy. */
  void check(Set<Server> down) {
    unhealthy.clear();
    unhealthy.addAll(down);
  }

  /** Those that have been away long enough go, as long as the source can be believed. */
  private void leave(long now) {
    if (!trusted) {
      return;
    }
    var going = new ArrayList<Server>();
    members.forEach(
        (server, member) -> {
          if (member.missing.isPresent()
              && now - member.missing.get() >= hold(server, now).toNanos()) {
            going.add(server);
          }
        });
    if (going.size() < members.size()) {
      going.forEach(
          server -> {
            members.remove(server);
            noteFlap(server, now); // which it was if it comes back soon
          });
    }
    flaps.values().removeIf(known -> now - known.last() > patience.calm().toNanos());
  }

  /** The servers as they stand, in the order in which they came. */
  List<Entry> decide(long now) {
    leave(now);
    var first = members.entrySet().stream().limit(Service.MOST_SERVERS).toList();
    long down = first.stream().filter(member -> unhealthy.contains(member.getKey())).count();
    boolean panic = down > 0 && first.size() - down < patience.quorum() * first.size();
    boolean none = down == first.size();
    var entries = new ArrayList<Entry>();
    for (var member : first) {
      var server = new WeightedServer(member.getKey(), member.getValue().weight);
      Standing standing;
      if (unhealthy.contains(member.getKey())) {
        standing = panic || none ? Standing.PANIC : Standing.UNHEALTHY;
      } else {
        standing = member.getValue().missing.isPresent() ? Standing.HELD : Standing.ACTIVE;
      }
      entries.add(new Entry(server, standing));
    }
    return List.copyOf(entries);
  }

  /** When the next decision may differ without anything new; empty if never. */
  Optional<Long> next(long now) {
    if (!trusted) {
      return Optional.empty();
    }
    return members.entrySet().stream()
        .filter(member -> member.getValue().missing.isPresent())
        .map(member -> member.getValue().missing.get() + hold(member.getKey(), now).toNanos())
        .min(Long::compare);
  }

  /** What is wrong with the source. */
  Optional<String> problem() {
    return problem;
  }

  /** Whether the source has ever named servers. */
  boolean answered() {
    return answered;
  }

  /** When the source has named servers for the last time, or this began. */
  long heard() {
    return heard;
  }
}
