package io.github.purebpf.redirect;

/** Is told what happens to connections, see {@link RedirectTable#listen}. */
@FunctionalInterface
public interface ConnectionListener {
  /**
   * Something has happened. Called by one thread, which is that of all listeners of the table: one
   * that takes long holds up the others. One that throws is told nothing more but {@link #ended}.
   */
  void happened(ConnectionEvent event);

  /**
   * Events found no room because listeners took too long.
   *
   * @param count how many since this was last said
   */
  default void lost(long count) {}

  /**
   * No more events will come, because something failed; not called when somebody closes. Unless
   * overridden, the thread's handler of uncaught exceptions gets it, which prints it.
   */
  default void ended(RuntimeException cause) {
    var thread = Thread.currentThread();
    thread.getUncaughtExceptionHandler().uncaughtException(thread, cause);
  }
}
