package io.github.purebpf.redirect.cli.demo;

import java.io.IOException;

/** Lets a signal end the story and clear its cgroup, until it is closed. */
final class ClearOnKill implements AutoCloseable {
  private final Thread hook;

  ClearOnKill(Story story, DemoCgroup cgroup) {
    hook = new Thread(() -> clear(story, cgroup), "clear");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private static void clear(Story story, DemoCgroup cgroup) {
    story.silence();
    try {
      cgroup.close();
    } catch (IOException e) {
      System.err.println(e.getMessage());
    }
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException endsAlready) {
      // The hook runs.
    }
  }
}
