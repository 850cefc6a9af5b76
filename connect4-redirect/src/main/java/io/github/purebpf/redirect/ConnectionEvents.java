package io.github.purebpf.redirect;

import io.github.purebpf.redirect.dataplane.EventFeed;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * What happens to the connections of a table, as it happens: who connected from which container to
 * which server, how long that took, what failed and what ended.
 *
 * <pre>{@code
 * try (var events = table.events()) {
 *   while (events.poll(Duration.ofSeconds(1), event -> System.out.println(event)) >= 0) {}
 * }
 * }</pre>
 *
 * <p>Of one connection they come in order; those of several that happen at once on several CPUs may
 * be exchanged. Programs report only while somebody listens, and up to five seconds after one who
 * was killed. One at a time can listen to a table, in whatever process.
 *
 * <p>There is room for some ten thousand events that were not polled; what finds no room is
 * {@linkplain #lost counted}.
 *
 * <p>One thread at a time may poll; any may close.
 */
public final class ConnectionEvents implements AutoCloseable {
  private final EventFeed feed;

  ConnectionEvents(EventFeed feed) {
    this.feed = feed;
  }

  /**
   * Hands out the events that are there; if there is none, waits for some. It must be called at
   * least every five seconds. An interrupt ends the wait, and the thread stays interrupted.
   *
   * @param atMost how long to wait
   * @param handler what to do with each; what it throws ends the call, and its event counts as
   *     handled
   * @return how many there were; 0 if there was none in the time; -1 if this is closed
   * @throws IllegalStateException if another listens by now because this was called too late,
   *     another thread is polling, or the table is closed
   */
  public int poll(Duration atMost, Consumer<ConnectionEvent> handler) {
    Objects.requireNonNull(handler, "handler");
    return feed.poll(atMost, report -> handler.accept(Images.event(report)));
  }

  /** How many events found no room since this was opened. */
  public long lost() {
    return feed.unheard();
  }

  /** Ends the wait of a thread that polls, and lets another listen. A second time does nothing. */
  @Override
  public void close() {
    feed.close();
  }
}
