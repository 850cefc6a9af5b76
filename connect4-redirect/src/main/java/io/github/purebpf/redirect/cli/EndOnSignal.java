package io.github.purebpf.redirect.cli;

/** Lets a signal end the process with the status 0, until it is closed. */
final class EndOnSignal implements AutoCloseable {
  private final Thread hook;

  /**
   * @param restore is run before the process ends
   */
  EndOnSignal(Runnable restore) {
    hook =
        new Thread(
            () -> {
              restore.run();
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
