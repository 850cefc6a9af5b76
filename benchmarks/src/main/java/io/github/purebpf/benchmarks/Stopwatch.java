package io.github.purebpf.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.OptionalLong;

/** Adds up the time of the parts that count, and what this thread allocates in them. */
final class Stopwatch {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private long nanos;
  private long bytes;
  private long nanosBefore;
  private long bytesBefore;

  void start() {
    bytesBefore = THREADS.getCurrentThreadAllocatedBytes();
    nanosBefore = System.nanoTime();
  }

  void stop() {
    nanos += System.nanoTime() - nanosBefore;
    bytes += THREADS.getCurrentThreadAllocatedBytes() - bytesBefore;
  }

  Measurement measured(long operations, Object sum) {
    return new Measurement(operations, nanos, OptionalLong.of(bytes), sum.toString());
  }
}
