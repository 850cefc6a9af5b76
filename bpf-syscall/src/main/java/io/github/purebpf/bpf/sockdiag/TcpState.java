package io.github.purebpf.bpf.sockdiag;

import java.util.Arrays;
import java.util.Optional;

/** The states of a TCP socket, as {@code net/tcp_states.h} of the kernel has them. */
public enum TcpState {
  /** {@code TCP_ESTABLISHED}: connected. */
  ESTABLISHED(1),
  /** {@code TCP_SYN_SENT}: connecting. */
  SYN_SENT(2),
  /** {@code TCP_SYN_RECV}: asked for a connection, which no process has yet. */
  SYN_RECV(3),
  /** {@code TCP_FIN_WAIT1}: closed here, which the other side has not confirmed. */
  FIN_WAIT1(4),
  /** {@code TCP_FIN_WAIT2}: closed here, and not by the other side. */
  FIN_WAIT2(5),
  /** {@code TCP_TIME_WAIT}: closed by both sides; packets that are late may still come. */
  TIME_WAIT(6),
  /** {@code TCP_CLOSE}: not connected; the kernel does not list such a socket. */
  CLOSE(7),
  /** {@code TCP_CLOSE_WAIT}: closed by the other side, and not here. */
  CLOSE_WAIT(8),
  /** {@code TCP_LAST_ACK}: closed by the other side and then here. */
  LAST_ACK(9),
  /** {@code TCP_LISTEN}: waits for connections. */
  LISTEN(10),
  /** {@code TCP_CLOSING}: closed by both sides at once. */
  CLOSING(11),
  /** {@code TCP_BOUND_INACTIVE}: has an address and is not connected; listed from Linux 6.8 on. */
  BOUND_INACTIVE(13);

  /**
   * {@code TCP_NEW_SYN_RECV}: how the kernel itself calls SYN_RECV while it is not a whole socket.
   */
  private static final int NEW_SYN_RECV = 12;

  private final int number;

  TcpState(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  /** Its bit in a set of states. */
  int bit() {
    return 1 << number;
  }

  static Optional<TcpState> of(int number) {
    int known = number == NEW_SYN_RECV ? SYN_RECV.number : number;
    return Arrays.stream(values()).filter(state -> state.number == known).findFirst();
  }
}
