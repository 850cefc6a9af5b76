package io.github.purebpf.bpf.sockdiag;

import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.bpf.internal.sys.NlMsgHdr;
import io.github.purebpf.bpf.internal.sys.Privileges;
import io.github.purebpf.insn.KernelVersion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** A kernel that answers netlink requests as a test says, and knows what has been left open. */
final class ScriptedNetlink {
  /** Puts datagrams into the queue. */
  interface Answer {
    void to(Bytes request, Deque<byte[]> queue);
  }

  /** The requests in hex, without their numbers. */
  final List<byte[]> requests = new ArrayList<>();

  final Deque<byte[]> queue = new ArrayDeque<>();

  /** What receiving answers before the queue is looked at; negative. */
  final Deque<Integer> errors = new ArrayDeque<>();

  Answer answer = (_, _) -> {};
  Privileges privileges = new Privileges(-1L, true, false, 2);
  KernelVersion release = new KernelVersion(6, 18);
  int openSockets;

  Kernel kernel() {
    return (Kernel)
        Proxy.newProxyInstance(
            Kernel.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (_, method, args) ->
                switch (method.getName()) {
                  case "netlink" -> {
                    openSockets++;
                    yield 3;
                  }
                  case "close" -> {
                    openSockets--;
                    yield 0;
                  }
                  case "send" -> send((MemorySegment) args[1]);
                  case "receive" -> receive((MemorySegment) args[1], (boolean) args[2]);
                  case "privileges" -> privileges;
                  case "release" -> release;
                  default -> throw new AssertionError(method);
                });
  }

  private int send(MemorySegment message) {
    byte[] copy = message.toArray(ValueLayout.JAVA_BYTE);
    requests.add(copy);
    answer.to(new Bytes(MemorySegment.ofArray(copy)), queue);
    return copy.length;
  }

  private int receive(MemorySegment to, boolean peek) {
    if (!errors.isEmpty()) {
      return errors.remove();
    }
    var datagram = peek ? queue.peek() : queue.poll();
    if (datagram == null) {
      return -Errno.EAGAIN;
    }
    int length = (int) Math.min(to.byteSize(), datagram.length);
    MemorySegment.copy(datagram, 0, to, ValueLayout.JAVA_BYTE, 0, length);
    return datagram.length;
  }

  static int sequence(Bytes request) {
    return request.s32(NlMsgHdr.NLMSG_SEQ);
  }
}
