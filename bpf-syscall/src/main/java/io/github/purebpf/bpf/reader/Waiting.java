package io.github.purebpf.bpf.reader;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.util.concurrent.TimeUnit;

/** Waits until one of some descriptors is ready or somebody calls {@link #wake}. */
final class Waiting {
  static final short POLLIN = 1;
  static final short POLLOUT = 4;

  // struct pollfd
  static final int POLLFD_SIZE = 8;
  static final int POLLFD_EVENTS = 4;
  static final int POLLFD_REVENTS = 6;

  private static final long NANOS_OF_MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  private final Parts parts;
  private final Kernel kernel;
  private final int signal;
  private final MemorySegment fds;

  /** Of the virtual threads that wait; null until the first does. */
  private Poller poller;

  private Waiting(Parts parts, short events, int... descriptors) {
    this.parts = parts;
    this.kernel = parts.kernel();
    this.signal = parts.descriptor("eventfd", kernel.eventFd());
    this.fds = Arena.ofAuto().allocate((long) POLLFD_SIZE * (1 + descriptors.length), POLLFD_SIZE);
    set(0, signal, POLLIN);
    for (int i = 0; i < descriptors.length; i++) {
      set(1 + i, descriptors[i], events);
    }
  }

  /** Waits until there is something to read; the parts own what is waited for. */
  static Waiting forReading(Parts parts, int... descriptors) {
    return new Waiting(parts, POLLIN, descriptors);
  }

  /** Waits until there is room to write. */
  static Waiting forWriting(Parts parts, int... descriptors) {
    return new Waiting(parts, POLLOUT, descriptors);
  }

  private void set(int index, int fd, short events) {
    long at = (long) index * POLLFD_SIZE;
    fds.set(JAVA_INT, at, fd);
    fds.set(JAVA_SHORT, at + POLLFD_EVENTS, events);
  }

  /** Also returns when the thread is interrupted, and sometimes for no reason. */
  void await(long nanos) {
    // The positions that were written must be there before the kernel looks whether to wait.
    VarHandle.fullFence();
    if (Thread.currentThread().isVirtual()) {
      if (poller == null) {
        poller = Poller.retain();
        parts.atEnd(Poller::release);
      }
      poller.await(fds, nanos);
    } else {
      awaitHere(nanos);
    }
    if ((fds.get(JAVA_SHORT, POLLFD_REVENTS) & POLLIN) != 0) {
      takeSignal();
    }
  }

  private void awaitHere(long nanos) {
    var interrupt = new Interrupt();
    interrupt.begins();
    int result;
    try {
      result = kernel.poll(fds, millis(nanos));
    } finally {
      interrupt.ends();
    }
    if (result < 0 && result != -Errno.EINTR) {
      throw Failure.of(kernel, "poll", parts.toString()).exception(result);
    }
  }

  /** Not less than the time, and as long as the call takes. */
  static int millis(long nanos) {
    return (int) Math.min(Integer.MAX_VALUE, 1 + (nanos - 1) / NANOS_OF_MILLI);
  }

  /** Makes the thread return that waits now, or the next one. The parts must be open. */
  void wake() {
    signal(kernel, signal);
  }

  static void signal(Kernel kernel, int eventFd) {
    try (var arena = Arena.ofConfined()) {
      // EAGAIN would say that it is signalled 2^64-2 times over.
      var _ = kernel.write(eventFd, arena.allocateFrom(JAVA_LONG, 1));
    }
  }

  private void takeSignal() {
    takeSignal(kernel, signal);
  }

  static void takeSignal(Kernel kernel, int eventFd) {
    try (var arena = Arena.ofConfined()) {
      var _ = kernel.read(eventFd, arena.allocate(JAVA_LONG));
    }
  }

  /** Wakes a thread in a native call when it is interrupted, as the JDK does for its channels. */
  private final class Interrupt extends AbstractInterruptibleChannel {
    void begins() {
      begin();
    }

    void ends() {
      try {
        end(true);
      } catch (AsynchronousCloseException e) {
        // The thread is interrupted and stays so; whoever waits looks at that.
        assert Thread.currentThread().isInterrupted() : e;
      }
    }

    @Override
    protected void implCloseChannel() {
      wake();
    }
  }
}
