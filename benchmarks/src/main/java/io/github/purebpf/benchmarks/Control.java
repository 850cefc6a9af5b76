package io.github.purebpf.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A process that is told where connects go, and whoever tells it. */
abstract class Control implements Contender {
  private static final long KIB = 1024;

  private final Peer.Ready peer;
  private final Process process;
  private Process client;
  private boolean atSecond;

  Control(Peer.Ready peer, Process process) {
    this.peer = peer;
    this.process = process;
  }

  /** Where clients connect to. */
  abstract String address();

  abstract int port();

  /** Lets connects go to a server, and returns when they do. */
  abstract void update(String server) throws IOException;

  /** Takes away what is left when the process has ended. */
  abstract void clear();

  /** The process that controls. */
  Process process() {
    return process;
  }

  /** Who says where its connects go. */
  void checkWith(Process connecting) {
    this.client = connecting;
  }

  @Override
  public Peer.Ready peer() {
    return peer;
  }

  @Override
  public Answer run(Case measured, int operations) {
    try {
      return switch (measured.id()) {
        case Controllers.MEMORY -> measured(1, memory("Rss:"));
        case Controllers.SHARE -> measured(1, memory("Pss:"));
        case Controllers.THREADS -> measured(1, threads());
        case Controllers.REST -> rest();
        default -> busy(operations);
      };
    } catch (IOException e) {
      return new Answer.Failed(String.valueOf(e.getMessage()));
    }
  }

  private static Answer measured(long operations, long amount) {
    return new Answer.Measured(new Measurement(operations, amount, OptionalLong.empty(), "-"));
  }

  private long memory(String kind) throws IOException {
    for (var line : Files.readAllLines(proc().resolve("smaps_rollup"))) {
      if (line.startsWith(kind)) {
        return Long.parseLong(line.replaceAll("\\D", "")) * KIB;
      }
    }
    throw new IOException("no " + kind + " of process " + process.pid());
  }

  private Path proc() {
    return Path.of("/proc", Long.toString(process.pid()));
  }

  private long threads() throws IOException {
    try (var tasks = Files.list(proc().resolve("task"))) {
      return tasks.count();
    }
  }

  /** The CPU time of all threads so far, in nanoseconds. */
  private long cpuTime() throws IOException {
    long sum = 0;
    try (var tasks = Files.newDirectoryStream(proc().resolve("task"))) {
      for (var task : tasks) {
        sum += Long.parseLong(Files.readString(task.resolve("schedstat")).split(" ", 2)[0]);
      }
    }
    return sum;
  }

  private Answer rest() throws IOException {
    long begin = cpuTime();
    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
    return measured(1, cpuTime() - begin);
  }

  private Answer busy(int operations) throws IOException {
    var threads = ManagementFactory.getThreadMXBean();
    long own = threads.getCurrentThreadCpuTime();
    long begin = cpuTime();
    long due = System.nanoTime();
    for (int i = 0; i < operations; i++) {
      toggle();
      due += TimeUnit.SECONDS.toNanos(1) / Controllers.RATE;
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
    }
    long spent = cpuTime() - begin + threads.getCurrentThreadCpuTime() - own;
    check();
    return measured(operations, spent);
  }

  @Override
  public Answer latency(Case measured, int operations) {
    var nanos = new ArrayList<Long>();
    try {
      for (int i = 0; i < operations; i++) {
        long begin = System.nanoTime();
        toggle();
        nanos.add(System.nanoTime() - begin);
        check();
      }
    } catch (IOException e) {
      return new Answer.Failed(String.valueOf(e.getMessage()));
    }
    var sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
    return new Answer.Latencies(
        Quantiles.ALL.stream().map(quantile -> Quantiles.of(sorted, quantile)).toList());
  }

  private void toggle() throws IOException {
    atSecond = !atSecond;
    update(atSecond ? ControllerStage.SECOND : ControllerStage.FIRST);
  }

  /** Whether the next connect goes where it shall. */
  private void check() throws IOException {
    var ask = client.outputWriter();
    ask.write("connect\n");
    ask.flush();
    String expected = atSecond ? "greeted b" : "greeted a";
    String answer;
    do {
      answer = client.inputReader().readLine();
    } while ("ready to connect".equals(answer));
    if (!expected.equals(answer)) {
      throw new IOException(peer.title() + ": in place of \"" + expected + "\": " + answer);
    }
  }

  @Override
  public void close() {
    for (var each : client == null ? List.of(process) : List.of(client, process)) {
      end(each);
    }
    clear();
  }

  static void end(Process process) {
    try {
      process.getOutputStream().close();
      process.destroy();
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      process.getInputStream().close();
      process.getErrorStream().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
