package io.github.purebpf.bpf;

import java.nio.file.Path;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * A place that stands behind a perf event ({@code perf_event_open(2)}, with links since Linux
 * 5.15). The event lives as long as the link.
 */
public sealed interface PerfPoint extends AttachPoint {
  /**
   * What {@code bpf_get_attach_cookie} returns in the program, so that one program can tell its
   * places apart; 0 for none.
   */
  long cookie();

  /**
   * A tracepoint with arguments as the text file {@code format} describes them, for programs of the
   * type {@code BPF_PROG_TYPE_TRACEPOINT}. They see every process. It needs a mounted tracefs.
   *
   * @param category such as {@code syscalls}
   * @param name such as {@code sys_enter_connect}
   */
  record Tracepoint(String category, String name, long cookie) implements PerfPoint {
    /** Refuses names that are none. */
    public Tracepoint {
      requireFileName("category", category);
      requireFileName("tracepoint", name);
    }

    /** Without a cookie. */
    public Tracepoint(String category, String name) {
      this(category, name, 0);
    }

    private static void requireFileName(String what, String name) {
      if (name.isEmpty() || name.contains("/") || name.startsWith(".")) {
        throw new IllegalArgumentException("\"" + name + "\" is no name of a " + what);
      }
    }
  }

  /**
   * A counter of the processor or the kernel, for programs of the type {@code
   * BPF_PROG_TYPE_PERF_EVENT}, which run each time it has counted a period.
   *
   * @param type {@code PERF_TYPE_…}: 0 hardware, 1 software, 4 raw
   * @param config {@code PERF_COUNT_…} or what the type takes
   * @param period after how many counts
   * @param pid the process whose thread of that number is counted; empty for all
   * @param cpu the CPU; empty for the one that the thread is on, and then there must be a pid
   */
  record Counter(
      int type, long config, long period, OptionalLong pid, OptionalLong cpu, long cookie)
      implements PerfPoint {
    private static final int SOFTWARE = 1;
    private static final int CPU_CLOCK = 0;

    /** Refuses a counter of everything at once, and a period that is none. */
    public Counter {
      if (period <= 0) {
        throw new IllegalArgumentException("perf event: a period of " + period);
      }
      if (pid.isEmpty() && cpu.isEmpty()) {
        throw new IllegalArgumentException(
            "perf event: of all processes on all CPUs; name a process or a CPU");
      }
    }

    /**
     * The time that a thread runs ({@code PERF_COUNT_SW_CPU_CLOCK}).
     *
     * @param nanoseconds between two runs of the program
     * @param tid the thread
     */
    public static Counter cpuClock(long nanoseconds, long tid) {
      return new Counter(
          SOFTWARE, CPU_CLOCK, nanoseconds, OptionalLong.of(tid), OptionalLong.empty(), 0);
    }
  }

  /**
   * A place in an executable or a library, for programs of the type {@code BPF_PROG_TYPE_KPROBE}
   * without an attach type. With CONFIG_UPROBE_EVENTS.
   *
   * @param file the executable or library
   * @param offset the place in it, in bytes; see {@link ElfFunctions}
   * @param onReturn whether the program runs when the function there returns
   * @param pid the process it is limited to; empty for all
   */
  record Uprobe(Path file, long offset, boolean onReturn, OptionalLong pid, long cookie)
      implements PerfPoint {
    /** Refuses nulls and a negative offset. */
    public Uprobe {
      Objects.requireNonNull(file, "file");
      Objects.requireNonNull(pid, "pid");
      if (offset < 0) {
        throw new IllegalArgumentException("probe of %s at %d".formatted(file, offset));
      }
    }

    /** At the beginning of a place, in all processes. */
    public Uprobe(Path file, long offset) {
      this(file, offset, false, OptionalLong.empty(), 0);
    }

    /** The same when the function there returns. */
    public Uprobe whenReturning() {
      return new Uprobe(file, offset, true, pid, cookie);
    }

    /** The same in one process only. */
    public Uprobe inProcess(long newPid) {
      return new Uprobe(file, offset, onReturn, OptionalLong.of(newPid), cookie);
    }

    /** The same with another cookie. */
    public Uprobe withCookie(long newCookie) {
      return new Uprobe(file, offset, onReturn, pid, newCookie);
    }
  }

  /**
   * A kernel function, for programs of the type {@code BPF_PROG_TYPE_KPROBE} without an attach
   * type. They see every process. With CONFIG_KPROBE_EVENTS. System calls have a prefix for the
   * architecture: {@code __x64_sys_connect}.
   *
   * @param function its name
   * @param offset behind its beginning, in bytes
   * @param onReturn whether the program runs when it returns
   */
  record Kprobe(String function, long offset, boolean onReturn, long cookie) implements PerfPoint {
    /** Refuses the empty name, a negative offset, and one of a return. */
    public Kprobe {
      if (function.isEmpty() || offset < 0 || (onReturn && offset != 0)) {
        throw new IllegalArgumentException(
            "probe of kernel function \"%s\" at %d".formatted(function, offset));
      }
    }

    /** At its beginning. */
    public Kprobe(String function) {
      this(function, 0, false, 0);
    }
  }
}
