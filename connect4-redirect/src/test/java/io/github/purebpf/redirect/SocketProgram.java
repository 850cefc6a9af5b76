package io.github.purebpf.redirect;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Does with sockets what Java's own do not: for each line {@code CALL NAME ARGUMENTS…} it makes a
 * system call on the socket of that name, and prints its result, or the negated errno.
 */
@SuppressWarnings("restricted") // a test client that makes plain system calls
public final class SocketProgram {
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_NONBLOCK = 0x800;
  private static final int IPPROTO_MPTCP = 262;
  private static final int MSG_FASTOPEN = 0x20000000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_ERROR = 4;
  private static final short POLLOUT = 4;
  private static final ValueLayout.OfShort BIG =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);

  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final long ERRNO =
      STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));

  private final Arena arena = Arena.ofShared();
  private final MemorySegment state = arena.allocate(STATE);
  private final Map<String, Integer> fds = new HashMap<>();

  private final MethodHandle socket = bind("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
  private final MethodHandle connect = bind("connect", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private final MethodHandle bind = bind("bind", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private final MethodHandle getpeername =
      bind("getpeername", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private final MethodHandle getsockopt =
      bind("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private final MethodHandle poll = bind("poll", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private final MethodHandle dup = bind("dup", JAVA_INT, JAVA_INT);
  private final MethodHandle close = bind("close", JAVA_INT, JAVA_INT);
  private final MethodHandle shutdown = bind("shutdown", JAVA_INT, JAVA_INT, JAVA_INT);
  private final MethodHandle recv = bind("recv", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private final MethodHandle sendto =
      bind("sendto", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);

  private static MethodHandle bind(String name, ValueLayout result, ValueLayout... arguments) {
    var linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(result, arguments),
        Linker.Option.captureCallState("errno"));
  }

  private SocketProgram() {}

  public static void main(String[] args) throws Throwable {
    var program = new SocketProgram();
    System.out.println("ready");
    var requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (var line = requests.readLine(); line != null; line = requests.readLine()) {
      System.out.println(program.answer(line.split(" ", -1)));
    }
  }

  private String answer(String[] words) throws Throwable {
    String name = words[1];
    return switch (words[0]) {
      case "inet" -> open(name, AF_INET, SOCK_STREAM, 0);
      case "inet6" -> open(name, AF_INET6, SOCK_STREAM, 0);
      case "inet-nonblocking" -> open(name, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      case "inet6-nonblocking" -> open(name, AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
      case "mptcp" -> open(name, AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
      case "connect" -> result((int) connect.invokeExact(state, fd(name), address(words), 28));
      case "bind" -> result((int) bind.invokeExact(state, fd(name), address(words), 28));
      case "many" -> many(words);
      case "unspec" -> result((int) connect.invokeExact(state, fd(name), arena.allocate(16), 16));
      case "fastopen" -> fastOpen(words);
      case "finish" -> finish(fd(name));
      case "dup" -> {
        int copy = (int) dup.invokeExact(state, fd(name));
        fds.put(words[2], copy);
        yield result(copy < 0 ? -1 : 0);
      }
      case "close" -> result((int) close.invokeExact(state, fds.remove(name).intValue()));
      case "shutdown" -> result((int) shutdown.invokeExact(state, fd(name), 1));
      case "receive" -> receive(fd(name));
      case "peer" -> peer(fd(name));
      case "process" -> Long.toString(ProcessHandle.current().pid());
      case "option" -> option(fd(name), Integer.parseInt(words[2]), Integer.parseInt(words[3]));
      default -> throw new IllegalArgumentException(words[0]);
    };
  }

  /** {@code many PREFIX FAMILY ADDRESS PORT COUNT}: so many sockets that connect; how many did. */
  private String many(String[] words) throws Throwable {
    int family = words[2].equals("inet6") ? AF_INET6 : AF_INET;
    var address = address(words);
    int connected = 0;
    for (int i = 0; i < Integer.parseInt(words[5]); i++) {
      open(words[1] + i, family, SOCK_STREAM, 0);
      int result = (int) connect.invokeExact(state, fd(words[1] + i), address, 28);
      connected += result == 0 ? 1 : 0;
    }
    return Integer.toString(connected);
  }

  private String open(String name, int family, int type, int protocol) throws Throwable {
    int fd = (int) socket.invokeExact(state, family, type, protocol);
    fds.put(name, fd);
    return result(fd < 0 ? -1 : 0);
  }

  private int fd(String name) {
    return fds.get(name);
  }

  /** {@code CALL NAME FAMILY ADDRESS PORT}: a sockaddr_in or a mapped sockaddr_in6. */
  private MemorySegment address(String[] words) throws Exception {
    var address = arena.allocate(28, 8);
    byte[] four = InetAddress.getByName(words[3]).getAddress();
    boolean mapped = words[2].equals("inet6");
    address.set(JAVA_SHORT, 0, (short) (mapped ? AF_INET6 : AF_INET));
    address.set(BIG, 2, (short) Integer.parseInt(words[4]));
    if (mapped) {
      address.set(JAVA_SHORT, 18, (short) -1);
    }
    MemorySegment.copy(four, 0, address, JAVA_BYTE, mapped ? 20 : 4, 4);
    return address;
  }

  private String fastOpen(String[] words) throws Throwable {
    var data = arena.allocateFrom("hello");
    return result(
        (long) sendto.invokeExact(state, fd(words[1]), data, 5L, MSG_FASTOPEN, address(words), 28));
  }

  /** Waits until a connect that was begun has ended; 0 or the negated errno. */
  private String finish(int fd) throws Throwable {
    var poller = arena.allocate(8, 8);
    poller.set(JAVA_INT, 0, fd);
    poller.set(JAVA_SHORT, 4, POLLOUT);
    int _ = (int) poll.invokeExact(state, poller, 1L, 60_000);
    return "-" + option(fd, SOL_SOCKET, SO_ERROR);
  }

  private String option(int fd, int level, int name) throws Throwable {
    var value = arena.allocate(JAVA_INT);
    var size = arena.allocate(JAVA_INT);
    size.set(JAVA_INT, 0, 4);
    int result = (int) getsockopt.invokeExact(state, fd, level, name, value, size);
    return result < 0 ? result(result) : Integer.toString(value.get(JAVA_INT, 0));
  }

  private String receive(int fd) throws Throwable {
    var buffer = arena.allocate(64);
    long count = (long) recv.invokeExact(state, fd, buffer, 64L, 0);
    return count < 0
        ? result(count)
        : new String(buffer.asSlice(0, count).toArray(JAVA_BYTE), StandardCharsets.US_ASCII)
            .strip();
  }

  private String peer(int fd) throws Throwable {
    var address = arena.allocate(28, 8);
    var size = arena.allocate(JAVA_INT);
    size.set(JAVA_INT, 0, 28);
    int result = (int) getpeername.invokeExact(state, fd, address, size);
    if (result < 0) {
      return result(result);
    }
    long four = address.get(JAVA_SHORT, 0) == AF_INET ? 4 : 20;
    return InetAddress.getByAddress(address.asSlice(four, 4).toArray(JAVA_BYTE)).getHostAddress()
        + ":"
        + Short.toUnsignedInt(address.get(BIG, 2));
  }

  private String result(long value) {
    return value < 0 ? "-" + state.get(JAVA_INT, ERRNO) : Long.toString(value);
  }
}
