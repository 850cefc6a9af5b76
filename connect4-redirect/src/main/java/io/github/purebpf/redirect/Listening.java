package io.github.purebpf.redirect;

/** The time in which a {@link ConnectionListener} is told events. */
public final class Listening implements AutoCloseable {
  private final Listeners listeners;
  private final ConnectionListener listener;

  Listening(Listeners listeners, ConnectionListener listener) {
    this.listeners = listeners;
    this.listener = listener;
  }

  ConnectionListener listener() {
    return listener;
  }

  /**
   * Ends it. When this returns the listener is not being called, unless it is the listener that
   * calls this. A second time does nothing.
   */
  @Override
  public void close() {
    listeners.remove(this);
  }
}
