package io.github.purebpf.bpf.reader;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * One platform thread that sleeps in the kernel for all virtual threads, which are parked meanwhile
 * and hold no carrier. It lives as long as there are readers that a virtual thread has waited with.
 */
final class Poller {
  private static final Object LOCK = new Object();

  private static Poller shared;
  private static int users;

  /** A virtual thread and what it waits for. */
  private static final class Waiter {
    private final MemorySegment fds;
    private final Thread thread = Thread.currentThread();
    private volatile boolean done;
    private RuntimeException failure;

    Waiter(MemorySegment fds) {
      this.fds = fds;
    }
  }

  private final Kernel kernel = Kernel.running();
  private final int signal;
  private final Set<Waiter> waiters = new LinkedHashSet<>();
  private boolean ended;

  private Poller() {
    signal = Fd.offStandardStreams(kernel, kernel.eventFd());
    if (signal < 0) {
      throw Failure.of(kernel, "eventfd", "the thread that polls").exception(signal);
    }
  }

  /** The one of this process, until {@link #release}. */
  static Poller retain() {
    synchronized (LOCK) {
      if (users == 0) {
        shared = new Poller();
        Thread.ofPlatform().daemon().name("purebpf-poller").start(shared::run);
      }
      users++;
      return shared;
    }
  }

  static void release() {
    synchronized (LOCK) {
      if (--users == 0) {
        shared.end();
        shared = null;
      }
    }
  }

  private synchronized void end() {
    ended = true;
    Waiting.signal(kernel, signal);
  }

  /** Parks this thread until one of the {@code struct pollfd} is ready, and writes what is. */
  void await(MemorySegment fds, long nanos) {
    var waiter = new Waiter(fds);
    add(waiter);
    try {
      long start = System.nanoTime();
      long left = nanos;
      while (!waiter.done && left > 0 && !Thread.currentThread().isInterrupted()) {
        LockSupport.parkNanos(this, left);
        left = nanos - (System.nanoTime() - start);
      }
    } finally {
      remove(waiter);
    }
    if (waiter.failure != null) {
      throw waiter.failure;
    }
  }

  private synchronized void add(Waiter waiter) {
    for (long at = 0; at < waiter.fds.byteSize(); at += Waiting.POLLFD_SIZE) {
      waiter.fds.set(JAVA_SHORT, at + Waiting.POLLFD_REVENTS, (short) 0);
    }
    waiters.add(waiter);
    Waiting.signal(kernel, signal);
  }

  /** Afterwards its descriptors are not waited for any more, and may be closed. */
  private synchronized void remove(Waiter waiter) {
    if (waiters.remove(waiter)) {
      Waiting.signal(kernel, signal);
    }
  }

  private void run() {
    try {
      boolean on = true;
      while (on) {
        on = pollOnce();
      }
    } finally {
      kernel.close(signal);
    }
  }

  private boolean pollOnce() {
    try (var arena = Arena.ofConfined()) {
      List<Waiter> asked;
      MemorySegment fds;
      synchronized (this) {
        if (ended) {
          return false;
        }
        asked = List.copyOf(waiters);
        fds = table(arena, asked);
      }
      int result = kernel.poll(fds, -1);
      if ((fds.get(JAVA_SHORT, Waiting.POLLFD_REVENTS) & Waiting.POLLIN) != 0) {
        Waiting.takeSignal(kernel, signal);
      }
      if (result != -Errno.EINTR) {
        answer(asked, fds, result);
      }
      return true;
    }
  }

  private MemorySegment table(Arena arena, List<Waiter> asked) {
    long size = Waiting.POLLFD_SIZE;
    for (var waiter : asked) {
      size += waiter.fds.byteSize();
    }
    var fds = arena.allocate(size, Waiting.POLLFD_SIZE);
    fds.set(JAVA_INT, 0, signal);
    fds.set(JAVA_SHORT, Waiting.POLLFD_EVENTS, Waiting.POLLIN);
    long at = Waiting.POLLFD_SIZE;
    for (var waiter : asked) {
      MemorySegment.copy(waiter.fds, JAVA_BYTE, 0, fds, JAVA_BYTE, at, waiter.fds.byteSize());
      at += waiter.fds.byteSize();
    }
    return fds;
  }

  private synchronized void answer(List<Waiter> asked, MemorySegment fds, int result) {
    long at = Waiting.POLLFD_SIZE;
    for (var waiter : asked) {
      long size = waiter.fds.byteSize();
      boolean ready = result < 0;
      for (long i = 0; i < size; i += Waiting.POLLFD_SIZE) {
        ready |= fds.get(JAVA_SHORT, at + i + Waiting.POLLFD_REVENTS) != 0;
      }
      // One that has left since belongs to nobody here any more.
      if (ready && waiters.remove(waiter)) {
        MemorySegment.copy(fds, JAVA_BYTE, at, waiter.fds, JAVA_BYTE, 0, size);
        if (result < 0) {
          waiter.failure = Failure.of(kernel, "poll", "the thread that polls").exception(result);
        }
        waiter.done = true;
        LockSupport.unpark(waiter.thread);
      }
      at += size;
    }
  }
}
