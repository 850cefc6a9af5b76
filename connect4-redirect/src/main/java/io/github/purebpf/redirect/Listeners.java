package io.github.purebpf.redirect;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** Those who listen to one table, and the thread that tells them as long as there are any. */
final class Listeners {
  private static final Duration LONG = Duration.ofHours(1);

  private final Supplier<ConnectionEvents> source;
  private final List<Listening> all = new CopyOnWriteArrayList<>();
  private ConnectionEvents events;
  private Thread thread;
  private long lost;

  Listeners(Supplier<ConnectionEvents> source) {
    this.source = source;
  }

  synchronized Listening add(ConnectionListener listener) {
    var listening = new Listening(this, listener);
    if (thread == null) {
      var opened = source.get();
      events = opened;
      lost = 0;
      thread = Thread.ofPlatform().daemon().name("purebpf-events").unstarted(() -> tell(opened));
      thread.start();
    }
    all.add(listening);
    return listening;
  }

  void remove(Listening listening) {
    Thread ending;
    synchronized (this) {
      all.remove(listening);
      if (!all.isEmpty() || thread == null) {
        ending = null;
      } else {
        ending = stop();
      }
    }
    await(ending);
  }

  /** Ends it for all. */
  void close() {
    Thread ending;
    synchronized (this) {
      all.clear();
      ending = thread == null ? null : stop();
    }
    await(ending);
  }

  private Thread stop() {
    var ending = thread;
    events.close();
    thread = null;
    return ending;
  }

  private static void await(Thread ending) {
    if (ending == null || ending == Thread.currentThread()) {
      return;
    }
    boolean interrupted = false;
    while (ending.isAlive()) {
      try {
        ending.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void tell(ConnectionEvents opened) {
    try (opened) {
      while (opened.poll(LONG, this::tell) >= 0) {
        tellLost(opened.lost());
      }
    } catch (RuntimeException e) {
      fail(opened, e);
    }
  }

  private void tell(ConnectionEvent event) {
    for (var listening : all) {
      guarded(listening, () -> listening.listener().happened(event));
    }
  }

  private void tellLost(long count) {
    if (count > lost) {
      long more = count - lost;
      all.forEach(listening -> guarded(listening, () -> listening.listener().lost(more)));
      lost = count;
    }
  }

  private void guarded(Listening listening, Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      remove(listening);
      listening.listener().ended(e);
    }
  }

  private void fail(ConnectionEvents failed, RuntimeException e) {
    List<Listening> told;
    synchronized (this) {
      if (events != failed || thread == null) {
        return; // it is closed
      }
      told = List.copyOf(all);
      all.clear();
      thread = null;
    }
    told.forEach(listening -> listening.listener().ended(e));
  }
}
