package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.ProgramType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs at perf events; they count what this test does alone. */
@RequiresKernel
@NoLeakedFds
class PerfEventLinkIT {
  private static final long MILLISECOND = 1_000_000;
  private static final int NO_PID = 0x3fff_ffff;

  private final Traces traces = new Traces();

  @AfterEach
  void close() {
    traces.close();
  }

  private static BpfProgram load(Traces traces, String name, ProgramType type) {
    return traces.load(name, type, null, Traces.countingOwn(0));
  }

  /** The number that the kernel has for this thread. */
  private static long tid() throws IOException {
    var link = Files.readSymbolicLink(Path.of("/proc/thread-self"));
    return Long.parseLong(link.getFileName().toString());
  }

  @Test
  void aClockRunsTheProgramWhileItsThreadRuns() throws Exception {
    try (var program = load(traces, "clock", ProgramType.PERF_EVENT);
        var other = load(traces, "other", ProgramType.PERF_EVENT)) {
      var point = PerfPoint.Counter.cpuClock(MILLISECOND, tid());
      try (var link = program.attach(point)) {
        // What is waited for needs no more than that this thread runs, asking.
        Await.until("the clock", () -> traces.take() > 0);
        LinkOracle.agrees(link, program);
        LinkOracle.isFixed(link, other);
      }
      traces.take();
      busy(10 * MILLISECOND);
      assertEquals(0, traces.take());
    }
  }

  private static void busy(long nanoseconds) {
    long end = System.nanoTime() + nanoseconds;
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  @Test
  void aCookieReachesTheProgram() throws Exception {
    try (var program = traces.load("cookie", ProgramType.PERF_EVENT, null, Traces.cookie(0));
        var link =
            program.attach(
                new PerfPoint.Counter(
                    1, 0, MILLISECOND, OptionalLong.of(tid()), OptionalLong.empty(), 4711))) {
      Await.until("the clock", () -> traces.take() == 4711);
      var event = ((LinkInfo.PerfEvent) link.info()).event();
      // Newer kernels give clocks a number of their own in place of 1.
      assertEquals(
          new LinkInfo.Event.Counter(((LinkInfo.Event.Counter) event).eventType(), 0, 4711), event);
    }
  }

  @Test
  void aCounterTellsWhatItCounts() throws IOException {
    var faults = new PerfPoint.Counter(1, 2, 1000, OptionalLong.of(tid()), OptionalLong.empty(), 7);
    try (var program = load(traces, "faults", ProgramType.PERF_EVENT);
        var link = program.attach(faults)) {
      assertEquals(
          new LinkInfo.PerfEvent(link.id(), program.id(), new LinkInfo.Event.Counter(1, 2, 7)),
          link.info());
    }
  }

  @Test
  void aCounterThatIsNotThereIsExplained() {
    try (var program = load(traces, "clock", ProgramType.PERF_EVENT);
        var probe = load(traces, "probe", ProgramType.KPROBE)) {
      LinkOracle.refused(
          "ESRCH",
          "there is no such process",
          () -> program.attach(PerfPoint.Counter.cpuClock(MILLISECOND, NO_PID)));
      LinkOracle.refused(
          "EINVAL",
          "there is no such CPU, or the counter takes no such config",
          () -> program.attach(onCpu(1, Short.MAX_VALUE)));
      LinkOracle.refused(
          "ENOENT", "this machine has no such counter", () -> program.attach(onCpu(4711, 0)));
      assertThrows(IllegalArgumentException.class, () -> probe.attach(onCpu(1, 0)));
    }
  }

  private static PerfPoint onCpu(int type, int cpu) {
    return new PerfPoint.Counter(
        type, 0, MILLISECOND, OptionalLong.empty(), OptionalLong.of(cpu), 0);
  }

  /** What happens in another JVM, whose mounts are its own. */
  private static String inJvmAfter(String mounts) throws Exception {
    var prefix =
        List.of("unshare", "--mount", "sh", "-c", "{ " + mounts + "; } && exec \"$@\"", "sh");
    var classPath = ChildJvm.classPath(PerfEventLinkIT.class).toList();
    try (var jvm = ChildJvm.start(prefix, classPath, List.of(), TracepointMain.class)) {
      return String.join("\n", jvm.finish());
    }
  }

  /** Attaches to a tracepoint and makes a thread. */
  static final class TracepointMain {
    private TracepointMain() {}

    public static void main(String[] arguments) throws InterruptedException {
      try (var traces = new Traces();
          var program = load(traces, "thread", ProgramType.TRACEPOINT)) {
        try (var link = program.attach(new PerfPoint.Tracepoint("task", "task_newtask", 8))) {
          var thread = Thread.ofPlatform().start(() -> {});
          thread.join();
          System.out.println("ran " + (traces.take() > 0));
          System.out.println(((LinkInfo.PerfEvent) link.info()).event());
        }
        traces.take();
        Thread.ofPlatform().start(() -> {}).join();
        System.out.println("ran " + (traces.take() > 0));
        program.attach(new PerfPoint.Tracepoint("task", "no_such_tracepoint")).close();
      } catch (KernelErrorException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void aTracepointRunsTheProgram() throws Exception {
    assertEquals(
        """
        ran true
        Tracepoint[name=task_newtask, cookie=8]
        ran false
        perf_event_open of the tracepoint task:no_such_tracepoint failed with ENOENT (2): this \
        kernel has no such tracepoint; see /sys/kernel/tracing/events""",
        inJvmAfter("umount -a -t debugfs,tracefs; mount -t tracefs tracefs /sys/kernel/tracing"));
  }

  @Test
  void withoutTracefsATracepointIsExplained() throws Exception {
    assertEquals(
        "perf_event_open of the tracepoint task:task_newtask failed with ENODEV (19): the number of"
            + " a tracepoint is in tracefs, which is not mounted here, or not readable; mount -t"
            + " tracefs tracefs /sys/kernel/tracing. A raw tracepoint needs none",
        inJvmAfter("umount -a -t debugfs,tracefs || true"));
  }

  @Test
  void aKernelFunctionIsProbedOrTheKernelIsBuiltWithoutProbes() {
    var type = Path.of("/sys/bus/event_source/devices/kprobe/type");
    try (var program = load(traces, "probe", ProgramType.KPROBE);
        var other = load(traces, "other", ProgramType.KPROBE)) {
      if (!Files.exists(type)) {
        LinkOracle.refused(
            "ENODEV",
            "there is no %s: this kernel is built without CONFIG_KPROBE_EVENTS".formatted(type),
            () -> program.attach(new PerfPoint.Kprobe("vfs_statx")));
        return;
      }
      for (boolean onReturn : new boolean[] {false, true}) {
        try (var link = program.attach(new PerfPoint.Kprobe("vfs_statx", 0, onReturn, 7))) {
          assertTrue(Files.exists(Path.of("/proc/self/status")));
          assertTrue(traces.take() > 0);
          var event = (LinkInfo.Event.Kprobe) ((LinkInfo.PerfEvent) link.info()).event();
          assertEquals("vfs_statx", event.function());
          assertEquals(7, event.cookie());
          assertEquals(onReturn, event.onReturn());
          LinkOracle.isFixed(link, other);
        }
      }
      LinkOracle.refused(
          "ENOENT",
          "this kernel has no such function",
          () -> program.attach(new PerfPoint.Kprobe("no_such_function")));
    }
  }

  @Test
  void aFunctionOfAFileIsProbedWhenItBeginsAndReturns(@TempDir Path folder) throws Exception {
    var libc = ScratchLibc.in(folder);
    long offset = ElfFunctions.offsetOf(libc.file(), "setlocale");
    var begin = new PerfPoint.Uprobe(libc.file(), offset).withCookie(7);
    try (var program = traces.load("probe", ProgramType.KPROBE, null, Traces.counting(0));
        var other = load(traces, "other", ProgramType.KPROBE)) {
      var counts = new ArrayList<Long>();
      for (var point : List.of(begin, begin.whenReturning())) {
        try (var link = program.attach(point)) {
          libc.use();
          counts.add(traces.take());
          assertEquals(
              new LinkInfo.PerfEvent(
                  link.id(),
                  program.id(),
                  new LinkInfo.Event.Uprobe(libc.file(), (int) offset, point.onReturn(), 7)),
              link.info());
          LinkOracle.agrees(link, program);
          LinkOracle.isFixed(link, other);
        }
        libc.use();
        assertEquals(0, traces.take());
      }
      assertTrue(counts.getFirst() > 0, counts::toString);
      assertEquals(counts.getFirst(), counts.getLast());
    }
  }

  @Test
  void aProbeOfOneProcessIgnoresOthers(@TempDir Path folder) throws Exception {
    var libc = ScratchLibc.in(folder);
    var point = new PerfPoint.Uprobe(libc.file(), ElfFunctions.offsetOf(libc.file(), "setlocale"));
    try (var program = traces.load("probe", ProgramType.KPROBE, null, Traces.counting(0))) {
      try (var _ = program.attach(point.inProcess(ProcessHandle.current().pid()))) {
        libc.use();
        assertEquals(0, traces.take());
      }
      LinkOracle.refused(
          "ESRCH", "there is no such process", () -> program.attach(point.inProcess(NO_PID)));
    }
  }

  @Test
  void aPlaceThatIsNotThereIsExplained(@TempDir Path folder) throws IOException {
    var libc = ScratchLibc.in(folder).file();
    long size = Files.size(libc);
    try (var program = load(traces, "probe", ProgramType.KPROBE)) {
      LinkOracle.refused(
          "ENOENT",
          "there is no such file",
          () -> program.attach(new PerfPoint.Uprobe(folder.resolve("none"), 0)));
      LinkOracle.refused(
          "EINVAL",
          "that is no file to execute, or the offset lies outside of it",
          () -> program.attach(new PerfPoint.Uprobe(folder, 0)));
      LinkOracle.refused(
          "EINVAL",
          "that is no file to execute, or the offset lies outside of it",
          () -> program.attach(new PerfPoint.Uprobe(libc, size + 1)));
    }
  }
}
