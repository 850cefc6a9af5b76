package io.github.purebpf.bpf.sockdiag;

import static io.github.purebpf.bpf.sockdiag.ScriptedNetlink.sequence;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Privileges;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/** Requests and answers through a kernel that says what a test wants. */
class SockDiagTest {
  private static final TcpSocket SOCKET = InetDiagTest.any(TcpState.ESTABLISHED);
  private static final int AF_INET6 = 10;

  private final ScriptedNetlink script = new ScriptedNetlink();
  private final SockDiag sockets = SockDiag.open(script.kernel());

  private static TcpSocket withCookie(TcpState state, long cookie) {
    return new TcpSocket(
        SOCKET.family(),
        state,
        SOCKET.local(),
        SOCKET.remote(),
        0,
        cookie,
        1,
        0,
        SOCKET.cgroupId());
  }

  private static byte[] message(int sequence, TcpSocket socket) {
    return Messages.socket(sequence, Messages.payload(socket));
  }

  private static boolean ofIpv6(Bytes request) {
    return request.u8(16) == AF_INET6;
  }

  private KernelErrorException listFails() {
    return assertThrows(KernelErrorException.class, () -> sockets.tcp(SocketFilter.ALL));
  }

  @Example
  void bothFamiliesAreAskedForAndAllPartsAreTaken() {
    script.answer =
        (request, queue) -> {
          int n = sequence(request);
          if (ofIpv6(request)) {
            queue.add(
                Messages.join(
                    message(n, withCookie(TcpState.LISTEN, 1)),
                    message(n, withCookie(TcpState.SYN_SENT, 2))));
            queue.add(message(n, withCookie(TcpState.CLOSE_WAIT, 3)));
          }
          queue.add(Messages.done(n, 0));
        };
    assertEquals(
        List.of(
            withCookie(TcpState.LISTEN, 1),
            withCookie(TcpState.SYN_SENT, 2),
            withCookie(TcpState.CLOSE_WAIT, 3)),
        sockets.tcp(SocketFilter.ALL));
    assertEquals(2, script.requests.size());
    assertEquals(2, script.requests.getFirst()[16], "AF_INET");
  }

  @Example
  void whatIsListedTwiceCountsAsItWasLast() {
    script.answer =
        (request, queue) -> {
          int n = sequence(request);
          queue.add(
              Messages.join(
                  message(n, withCookie(TcpState.ESTABLISHED, 1)),
                  message(n, withCookie(TcpState.TIME_WAIT, 1)),
                  Messages.done(n, 0)));
        };
    assertEquals(List.of(withCookie(TcpState.TIME_WAIT, 1)), sockets.tcp(SocketFilter.ALL));
  }

  @Example
  void aDatagramThatIsLongerThanTheRoomIsTakenWhole() {
    script.answer =
        (request, queue) -> {
          int n = sequence(request);
          var all = new ArrayList<byte[]>();
          for (int i = 0; i < 1000; i++) {
            all.add(message(n, withCookie(TcpState.ESTABLISHED, i)));
          }
          queue.add(Messages.join(all.toArray(new byte[0][])));
          queue.add(Messages.done(n, 0));
        };
    assertEquals(1000, sockets.tcp(SocketFilter.ALL).size());
  }

  @Example
  void aListWithGapsIsAskedForAgain() {
    script.answer =
        (request, queue) -> {
          int n = sequence(request);
          int flags = script.requests.size() <= 2 ? Messages.GAPS : 0;
          queue.add(Messages.message(Messages.DONE, flags, n, Messages.number(0)));
        };
    assertEquals(List.of(), sockets.tcp(SocketFilter.ALL));
    assertEquals(4, script.requests.size());
  }

  @Example
  void listsThatAllHaveGapsAreAnError() {
    script.answer =
        (request, queue) ->
            queue.add(
                Messages.message(
                    Messages.DONE, Messages.GAPS, sequence(request), Messages.number(0)));
    assertEquals(
        "SOCK_DIAG_BY_FAMILY of the sockets of a network namespace failed with EINTR (4): each of"
            + " 10 lists got gaps while the sockets changed; ask for fewer with a filter",
        listFails().getMessage());
    assertEquals(20, script.requests.size());
  }

  @Example
  void anErrorAtTheBeginningOrTheEndIsTold() {
    script.answer = (request, queue) -> queue.add(Messages.error(sequence(request), -Errno.ENOENT));
    assertEquals(
        "SOCK_DIAG_BY_FAMILY of the sockets of a network namespace failed with ENOENT (2): this"
            + " kernel is built without CONFIG_INET_DIAG, or lacks the module",
        listFails().getMessage());
    script.answer =
        (request, queue) ->
            queue.add(
                Messages.join(
                    message(sequence(request), SOCKET),
                    Messages.done(sequence(request), -Errno.ENOBUFS)));
    assertEquals("ENOBUFS", listFails().errnoName());
  }

  @Example
  void anAnswerWithoutAnEndIsAnErrorAndNoWait() {
    script.answer = (request, queue) -> queue.add(message(sequence(request), SOCKET));
    assertEquals("EAGAIN", listFails().errnoName());
  }

  @Example
  void aSignalIsNoError() {
    script.answer = (request, queue) -> queue.add(Messages.done(sequence(request), 0));
    script.errors.addAll(List.of(-Errno.EINTR, -Errno.EINTR));
    assertEquals(List.of(), sockets.tcp(SocketFilter.ALL));
  }

  @Example
  void whatBelongsToAnotherRequestIsSkipped() {
    script.answer =
        (request, queue) -> {
          int n = sequence(request);
          queue.add(Messages.join(message(n - 1, SOCKET), Messages.done(n - 1, 0)));
          queue.add(Messages.error(n + 1, -Errno.EINVAL));
          queue.add(Messages.done(n, 0));
        };
    assertEquals(List.of(), sockets.tcp(SocketFilter.ALL));
  }

  @Example
  void theRestOfAnAnswerThatMakesNoSenseIsTakenOutOfTheWay() {
    script.answer =
        (request, queue) -> {
          int n = sequence(request);
          queue.add(Messages.socket(n, new byte[10]));
          queue.add(message(n, SOCKET));
          queue.add(Messages.done(n, 0));
        };
    var e = assertThrows(IllegalStateException.class, () -> sockets.tcp(SocketFilter.ALL));
    assertEquals(
        "the kernel's answer about sockets makes no sense: a socket of 72 bytes at 0, in 10 bytes",
        e.getMessage());
    assertTrue(script.queue.isEmpty());
  }

  @Property(tries = 1000)
  void anyBytesAreReadOrRefused(
      @ForAll @Size(max = 40) byte[] changes, @ForAll int where, @ForAll int step) {
    script.queue.clear();
    script.answer =
        (request, queue) -> {
          int n = sequence(request);
          byte[] datagram = Messages.join(message(n, SOCKET), Messages.done(n, 0));
          for (int i = 0; i < changes.length; i++) {
            datagram[Math.floorMod(where + i * step, datagram.length)] = changes[i];
          }
          queue.add(datagram);
          queue.add(Messages.done(n, 0));
        };
    try {
      sockets.tcp(SocketFilter.ALL);
    } catch (IllegalStateException e) {
      assertTrue(e.getMessage().contains("makes no sense"), e.toString());
    } catch (KernelErrorException e) {
      assertTrue(e.getMessage().startsWith("SOCK_DIAG_BY_FAMILY of "), e.toString());
    }
  }

  private void answersWith(int errno) {
    script.answer = (request, queue) -> queue.add(Messages.error(sequence(request), -errno));
  }

  @Example
  void oneSocketIsEndedOrGoneAlready() {
    answersWith(0);
    assertTrue(sockets.destroy(SOCKET));
    answersWith(Errno.ENOENT);
    assertEquals(false, sockets.destroy(SOCKET));
    answersWith(Errno.ESTALE);
    assertEquals(false, sockets.destroy(SOCKET));
  }

  @Example
  void whyASocketCannotBeEndedIsTold() {
    answersWith(Errno.EOPNOTSUPP);
    var e = assertThrows(KernelErrorException.class, () -> sockets.destroy(SOCKET));
    assertEquals(
        "SOCK_DESTROY of the socket 127.0.0.1:4711 to 127.0.0.2:80 failed with EOPNOTSUPP (95):"
            + " this kernel is built without CONFIG_INET_DIAG_DESTROY",
        e.getMessage());
    var late = withCookie(TcpState.TIME_WAIT, 1);
    e = assertThrows(KernelErrorException.class, () -> sockets.destroy(late));
    assertTrue(e.getMessage().endsWith("does not end sockets in TIME_WAIT"), e.getMessage());
    answersWith(Errno.EPERM);
    script.privileges = new Privileges(0, true, false, 2);
    assertEquals(
        "SOCK_DESTROY of the socket 127.0.0.1:4711 to 127.0.0.2:80 needs CAP_NET_ADMIN; this thread"
            + " lacks CAP_NET_ADMIN",
        assertThrows(MissingPrivilegeException.class, () -> sockets.destroy(SOCKET)).getMessage());
  }

  @Example
  void aClosedOneIsOfNoUse() {
    assertEquals(1, script.openSockets);
    sockets.close();
    sockets.close();
    assertEquals(0, script.openSockets);
    assertThrows(IllegalStateException.class, () -> sockets.tcp(SocketFilter.ALL));
    assertThrows(IllegalStateException.class, () -> sockets.destroy(SOCKET));
  }
}
