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

  private static final class History {
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
  private final Map<Server, History> histories = new HashMap<>();

  Health(HealthCheck check) {
    this.check = check;
  }

  private History of(Server server) {
    return histories.computeIfAbsent(server, _ -> new History());
  }

  /** A check has come to an end. */
  void checked(Server server, boolean good) {
    var history = of(server);
    if (good) {
      history.failedChecks = 0;
      history.goodChecks++;
      history.down &= history.goodChecks < check.rise();
    } else {
      history.goodChecks = 0;
      history.failedChecks++;
      history.down |= history.failedChecks >= check.fall();
    }
  }

  /**
   * What became of the connects of programs since this was called last.
   *
   * @param established so many had a connection, since some time
   * @param failed so many had none, since the same time
   */
  void counted(Server server, long established, long failed, long now) {
    var history = of(server);
    long better = established - history.established;
    long worse = failed - history.failed;
    history.established = established;
    history.failed = failed;
    if (!history.seen || better < 0 || worse < 0) {
      history.seen = true; // counters that begin, or begin again
      return;
    }
    if (better > 0) {
      history.failedInRow = 0;
      history.ejections = 0;
      history.ejected = false;
    } else if (worse > 0 && !history.ejected) {
      history.failedInRow += worse;
      // Behind an ejection, the first that fails is enough.
      if (history.failedInRow >= check.fall() || history.ejections > 0) {
        long times = Math.min(1L << Math.min(history.ejections, 10), MOST_EJECT);
        history.ejected = true;
        history.ejections++;
        history.ejectedUntil = now + check.eject().toNanos() * times;
        history.failedInRow = 0;
      }
    }
  }

  /** Those that are unhealthy. */
  Set<Server> down(long now) {
    var down = new HashSet<Server>();
    histories.forEach(
        (server, history) -> {
          if (history.ejected && now - history.ejectedUntil >= 0) {
            history.ejected = false;
          }
          if (history.down || history.ejected) {
            down.add(server);
          }
        });
    return down;
  }

  /** Forgets all others. */
  void keep(Collection<Server> servers) {
    histories.keySet().retainAll(servers);
  }
}
