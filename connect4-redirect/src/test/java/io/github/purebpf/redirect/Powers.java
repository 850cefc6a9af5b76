package io.github.purebpf.redirect;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Capabilities, which belong to threads and can be given up. */
@SuppressWarnings("restricted") // a plain system call
final class Powers {
  static final int CAP_NET_ADMIN = 12;
  static final int CAP_SYS_PTRACE = 19;
  static final int CAP_SYS_ADMIN = 21;
  static final int CAP_PERFMON = 38;

  private static final int VERSION_3 = 0x20080522;

  private Powers() {}

  /** Does something in a thread of its own that lacks some capabilities. */
  static <T> T without(Callable<T> action, int... capabilities) {
    var task =
        new FutureTask<>(
            () -> {
              give(capabilities);
              return action.call();
            });
    Thread.ofPlatform().start(task);
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void give(int... capabilities) {
    try (var arena = Arena.ofConfined()) {
      var header = arena.allocate(8, 4);
      header.set(JAVA_INT, 0, VERSION_3); // the process 0: this thread
      var sets = arena.allocate(24, 4); // effective, permitted, inheritable, and their high halves
      call("capget", header, sets);
      for (int capability : capabilities) {
        int half = capability / Integer.SIZE * 12;
        for (long set = half; set < half + 12; set += 4) {
          sets.set(JAVA_INT, set, sets.get(JAVA_INT, set) & ~(1 << capability % Integer.SIZE));
        }
      }
      call("capset", header, sets);
    }
  }

  private static void call(String name, Object header, Object sets) {
    var linker = Linker.nativeLinker();
    var function =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow(name),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
    try {
      if ((int) function.invokeWithArguments(header, sets) != 0) {
        throw new AssertionError(name + " has failed");
      }
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
