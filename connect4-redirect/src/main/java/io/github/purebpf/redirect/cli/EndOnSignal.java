package io.github.purebpf.redirect.cli;

import java.util.List;

/** Lets a signal end the process with the status 0, until it is closed. */
final class EndOnSignal implements AutoCloseable {
  private final Thread hook;

  /**
   * @param restore are run before the process ends, in their order
   */
  EndOnSignal(Runnable... restore) {
    hook =
        new Thread(
            () -> {
              List.of(restore).forEach(Runnable::run);
              Runtime.getRuntime().halt(ExitCode.OK.status());
            },
            "stop");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException endsAlready) {
      // The hook runs, and ends the process.
    }
  }
}
