package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.ConnectionEvent;
import io.github.purebpf.redirect.ConnectionListener;
import io.github.purebpf.redirect.EventsTakenException;
import io.github.purebpf.redirect.Listening;
import io.github.purebpf.redirect.RedirectTable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** The last events of a table, for one who looks now and then. */
final class RecentEvents implements AutoCloseable {
  private static final int KEPT = 8;

  private final RedirectTable table;
  private final EventText text = new EventText();
  private final Deque<ConnectionEvent> last = new ArrayDeque<>();
  private Optional<Listening> listening = Optional.empty();
  private String note = "";

  private RecentEvents(RedirectTable table) {
    this.table = table;
  }

  /**
   * Begins to listen; if another does, this has no events and says so.
   *
   * @param table is closed with this
   */
  static RecentEvents of(RedirectTable table) {
    var recent = new RecentEvents(table);
    try {
      recent.listening = Optional.of(table.listen(recent.new Keeper()));
    } catch (EventsTakenException e) {
      recent.note = "events: another process listens to them";
    }
    return recent;
  }

  private final class Keeper implements ConnectionListener {
    @Override
    public void happened(ConnectionEvent event) {
      synchronized (last) {
        last.addLast(event);
        if (last.size() > KEPT) {
          last.removeFirst();
        }
      }
    }

    @Override
    public void ended(RuntimeException cause) {
      synchronized (last) {
        note = "events: " + Diagnosis.of(cause).sentence();
      }
    }
  }

  /** A line for each, the latest last; or why there are none. */
  List<String> lines() {
    synchronized (last) {
      return note.isEmpty() ? last.stream().map(text::line).toList() : List.of(note);
    }
  }

  @Override
  public void close() {
    try (table) {
      listening.ifPresent(Listening::close);
    }
  }
}
