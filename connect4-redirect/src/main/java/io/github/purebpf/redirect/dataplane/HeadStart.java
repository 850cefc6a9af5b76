package io.github.purebpf.redirect.dataplane;

import java.lang.invoke.MethodHandles;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/**
 * What the first redirector of a process waits for: the JVM links native calls, loads classes and
 * makes code for them, and the kernel is asked what it can do. It takes longer than all else that
 * is done until a connect is redirected, and is done once, so whoever knows early that he will
 * redirect has other threads begin it.
 */
public final class HeadStart {
  private HeadStart() {}

  /**
   * Begins; returns at once. Nothing depends on it: what it has not come to is done when it is
   * needed, and what fails here fails there again, for one who can tell about it.
   */
  public static void begin() {
    inBackground("ask", () -> ProgramOptions.ofKernel(CgroupFilter.ALL));
    inBackground("build", HeadStart::build);
  }

  /** Maps come first, because they are made first. */
  private static Void build() throws IllegalAccessException {
    MethodHandles.lookup().ensureInitialized(Dataplane.class);
    var options = new ProgramOptions(CgroupFilter.ALL, true, true, true);
    for (var hook : Hook.values()) {
      if (!hook.isOptional()) {
        hook.spec(options);
      }
    }
    return null;
  }

  private static void inBackground(String name, Callable<?> work) {
    // Keeps what is thrown to itself.
    Thread.ofPlatform().name(name).daemon().start(new FutureTask<>(work));
  }
}
