package io.github.purebpf.redirect.cli;

import java.util.concurrent.TimeUnit;

/**
 * Lets this thread come to an end of its work before SIGTERM, SIGINT or SIGHUP end the process, and
 * end it with the exit code of the work.
 */
final class Signals implements AutoCloseable {
  private static final long LIMIT_MILLIS = TimeUnit.SECONDS.toMillis(30);

  /** Whether there was a signal, so that only a halt ends the process. */
  private static volatile boolean arrived;

  private final Thread hook;

  private Signals(boolean interrupt) {
    var worker = Thread.currentThread();
    hook = new Thread(() -> await(worker, interrupt), "stop");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** A signal waits for the work. */
  static Signals awaitWork() {
    return new Signals(false);
  }

  /** A signal interrupts the work. */
  static Signals interruptWork() {
    return new Signals(true);
  }

  private static void await(Thread worker, boolean interrupt) {
    arrived = true;
    if (interrupt) {
      worker.interrupt();
    }
    try {
      worker.join(LIMIT_MILLIS); // its last act is the halt
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** From here on a signal ends the process at once. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      arrived = true; // the hook runs, or is about to
    }
  }

  /** Ends the process if a signal waits for that. */
  static void end(ExitCode exitCode) {
    if (arrived) {
      System.out.flush();
      Runtime.getRuntime().halt(exitCode.status());
    }
  }
}
