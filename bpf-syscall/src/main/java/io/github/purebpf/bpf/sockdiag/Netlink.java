package io.github.purebpf.bpf.sockdiag;

import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.bpf.internal.sys.NlMsgErr;
import io.github.purebpf.bpf.internal.sys.NlMsgHdr;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * A netlink socket for requests about sockets, one after the other.
 *
 * <p>The kernel works on a request inside of {@code send} and on each further part of a long answer
 * inside of {@code recv}. So the next message is there or never comes, and nothing here waits. Only
 * a process with CAP_NET_ADMIN could send to this socket, too; messages of other requests are
 * skipped by their number.
 */
final class Netlink implements AutoCloseable {
  /** {@code NLM_F_REQUEST} with {@code NLM_F_DUMP}, and with {@code NLM_F_ACK}. */
  static final int DUMP = 0x301;

  static final int ACK = 0x5;

  private static final int NETLINK_SOCK_DIAG = 4;
  private static final int NLMSG_NOOP = 1;
  private static final int NLMSG_ERROR = 2;
  private static final int NLMSG_DONE = 3;
  private static final int NLMSG_OVERRUN = 4;
  private static final int NLM_F_DUMP_INTR = 0x10;

  /** What the kernel fills at most unless a single answer is longer. */
  private static final int ROOM = 1 << 15;

  private final Kernel kernel;
  private final Fd fd;
  private final ReentrantLock lock = new ReentrantLock();
  private int sequence;

  private Netlink(Kernel kernel, int fd, String title) {
    this.kernel = kernel;
    this.fd = new Fd(kernel, fd, title);
  }

  static Netlink open(Kernel kernel, String title) {
    int fd = Fd.offStandardStreams(kernel, kernel.netlink(NETLINK_SOCK_DIAG));
    if (fd < 0) {
      throw Failure.of(kernel, "socket", title)
          .hint(Errno.EPROTONOSUPPORT, "this kernel is built without CONFIG_NET")
          .exception(fd);
    }
    return new Netlink(kernel, fd, title);
  }

  /** A message with its head, but for its number. */
  static Bytes message(SegmentAllocator memory, int type, int flags, int size) {
    return new Bytes(memory.allocate(size, 8))
        .s32(NlMsgHdr.NLMSG_LEN, size)
        .u16(NlMsgHdr.NLMSG_TYPE, type)
        .u16(NlMsgHdr.NLMSG_FLAGS, flags);
  }

  /** What came of a request: an errno negated or 0, and whether a list has gaps. */
  record Answer(int result, boolean interrupted) {}

  /**
   * Sends a request and gives the action what each answer holds. What the action throws, or a
   * message that makes no sense, is thrown when the rest has been received, so that the next
   * request finds nothing of this one.
   *
   * @param action is given what follows the head of a message, which is there until it returns
   */
  Answer ask(MemorySegment request, Consumer<Bytes> action) {
    lock.lock();
    try (var arena = Arena.ofConfined()) {
      int socket = fd.acquire();
      try {
        sequence++;
        new Bytes(request).s32(NlMsgHdr.NLMSG_SEQ, sequence);
        int sent = retry(() -> kernel.send(socket, request));
        return sent < 0
            ? new Answer(sent, false)
            : new Reception(socket, sequence, action, arena).run();
      } finally {
        fd.release();
      }
    } finally {
      lock.unlock();
    }
  }

  /** A system call. */
  private interface Call {
    int run();
  }

  private static int retry(Call call) {
    int result;
    do {
      result = call.run();
    } while (result == -Errno.EINTR);
    return result;
  }

  /** The answer to one request as it comes in. */
  private final class Reception {
    private final int socket;
    private final int number;
    private final Consumer<Bytes> action;
    private final Arena arena;
    private MemorySegment room;
    private boolean ended;
    private int result;
    private boolean interrupted;
    private RuntimeException thrown;

    Reception(int socket, int number, Consumer<Bytes> action, Arena arena) {
      this.socket = socket;
      this.number = number;
      this.action = action;
      this.arena = arena;
      this.room = arena.allocate(ROOM, 8);
    }

    Answer run() {
      while (!ended) {
        int size = receive();
        if (size < 0) {
          end(size);
          break;
        }
        try {
          messages(new Bytes(room.asSlice(0, size)));
        } catch (RuntimeException e) {
          thrown(e);
        }
      }
      if (thrown != null) {
        throw thrown;
      }
      return new Answer(result, interrupted);
    }

    private int receive() {
      int size = retry(() -> kernel.receive(socket, room, true));
      if (size > room.byteSize()) {
        room = arena.allocate(size, 8);
      }
      return size < 0 ? size : retry(() -> kernel.receive(socket, room, false));
    }

    private void messages(Bytes datagram) {
      for (long at = 0; at < datagram.size() && !ended; ) {
        var head = datagram.part(at, NlMsgHdr.SIZE, "the head of a message");
        long length = Integer.toUnsignedLong(head.s32(NlMsgHdr.NLMSG_LEN));
        var message = datagram.part(at, length, "a message").from(NlMsgHdr.SIZE, "a message");
        if (head.s32(NlMsgHdr.NLMSG_SEQ) == number) {
          message(head, message);
        }
        at += Attribute.align(length);
      }
    }

    private void message(Bytes head, Bytes payload) {
      interrupted |= (head.u16(NlMsgHdr.NLMSG_FLAGS) & NLM_F_DUMP_INTR) != 0;
      switch (head.u16(NlMsgHdr.NLMSG_TYPE)) {
        case NLMSG_NOOP -> {}
        case NLMSG_ERROR -> end(payload.require(Integer.BYTES, "an error").s32(NlMsgErr.ERROR));
        // The error of a list that was begun stands at its end.
        case NLMSG_DONE -> end(payload.size() < Integer.BYTES ? 0 : Math.min(0, payload.s32(0)));
        case NLMSG_OVERRUN -> end(-Errno.ENOBUFS);
        default -> {
          if (thrown == null) {
            try {
              action.accept(payload);
            } catch (RuntimeException e) {
              thrown(e);
            }
          }
        }
      }
    }

    private void thrown(RuntimeException e) {
      if (thrown == null) {
        thrown = e;
      }
    }

    private void end(int result) {
      this.result = result;
      ended = true;
    }
  }

  @Override
  public void close() {
    fd.close();
  }

  @Override
  public String toString() {
    return fd.toString();
  }
}
