package io.github.purebpf.redirect.controller;

import io.github.purebpf.redirect.Server;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Tells which servers are unhealthy, from checks of our own and from what became of the connects of
 * programs. It has no clock and no thread.
 *
 * <p>A server that checks cannot reach is unhealthy until they can. One that only programs cannot
 * reach is left alone for a while, because nobody else could tell when that is over.
 */
final class Health {
  /** Ejecting doubles up to so many times the first time. */
  private static final int MOST_EJECT = 10;

  private static final class Record {
    private int failedChecks;
    private int goodChecks;
    private boolean down;

    private boolean seen;
    private long established;
    private long failed;
    private long failedInRow;
    private int ejections;
    private long ejectedUntil;
    private boolean ejected;
  }

  private final HealthCheck check;
  private final Map<Server, Record> records = new HashMap<>();

  Health(HealthCheck check) {
    this.check = check;
  }

  private Record of(Server server) {
    return records.computeIfAbsent(server, _ -> new Record());
  }

  /** A check has come to an end. */
  void checked(Server server, boolean good) {
    var record = of(server);
    if (good) {
      record.failedChecks = 0;
      record.goodChecks++;
      record.down &= record.goodChecks < check.rise();
    } else {
      record.goodChecks = 0;
      record.failedChecks++;
      record.down |= record.failedChecks >= check.fall();
    }
  }

  /**
   * What became of the connects of programs since this was called last.
   *
   * @param established so many had a connection, since some time
   * @param failed so many had none, since the same time
   */
  void counted(Server server, long established, long failed, long now) {
    var record = of(server);
    long better = established - record.established;
    long worse = failed - record.failed;
    record.established = established;
    record.failed = failed;
    if (!record.seen || better < 0 || worse < 0) {
      record.seen = true; // counters that begin, or begin again
      return;
    }
    if (better > 0) {
      record.failedInRow = 0;
      record.ejections = 0;
      record.ejected = false;
    } else if (worse > 0 && !record.ejected) {
      record.failedInRow += worse;
      // Behind an ejection, the first that fails is enough.
      if (record.failedInRow >= check.fall() || record.ejections > 0) {
        long times = Math.min(1L << Math.min(record.ejections, 10), MOST_EJECT);
        record.ejected = true;
        record.ejections++;
        record.ejectedUntil = now + check.eject().toNanos() * times;
        record.failedInRow = 0;
      }
    }
  }

  /** Those that are unhealthy. */
  Set<Server> down(long now) {
    var down = new HashSet<Server>();
    records.forEach(
        (server, record) -> {
          if (record.ejected && now - record.ejectedUntil >= 0) {
            record.ejected = false;
          }
          if (record.down || record.ejected) {
            down.add(server);
          }
        });
    return down;
  }

  /** Forgets all others. */
  void keep(Collection<Server> servers) {
    records.keySet().retainAll(servers);
  }
}
