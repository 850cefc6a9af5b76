package io.github.purebpf.benchmarks;

import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.TestRun;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Threads that let a program write into a ring again and again until they are stopped. While the
 * ring is full they rest, so that they do not take the processor from who reads.
 */
final class Producers implements AutoCloseable {
  private static final long REST_NANOS = 20_000;

  private final BpfProgram program;
  private final List<Thread> threads;
  private volatile boolean stopped;

  private Producers(BpfProgram program, int count) {
    this.program = program;
    this.threads =
        IntStream.range(0, count)
            .mapToObj(i -> Thread.ofPlatform().daemon().name("producer-" + i).unstarted(this::run))
            .toList();
  }

  static Producers start(BpfProgram program, int count) {
    var producers = new Producers(program, count);
    producers.threads.forEach(Thread::start);
    return producers;
  }

  private void run() {
    var run = TestRun.syscall(new byte[8]);
    while (!stopped) {
      if (program.testRun(run).returnValue() != 0) {
        LockSupport.parkNanos(REST_NANOS);
      }
    }
  }

  /** Returns when all have stopped. */
  @Override
  public void close() {
    stopped = true;
    for (var thread : threads) {
      boolean interrupted = false;
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
