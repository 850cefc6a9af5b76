package io.github.purebpf.bpf.sockdiag;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Which sockets are asked for; the kernel leaves out all others.
 *
 * @param states the states; at least one
 * @param remoteAddress the address of the other side; an IPv4 address means sockets of the family
 *     INET and mapped ones of INET6
 * @param remotePort the port of the other side, 0 to 65535
 */
public record SocketFilter(
    Set<TcpState> states, Optional<InetAddress> remoteAddress, OptionalInt remotePort) {
  private static final int LAST_PORT = 0xffff;

  /** All sockets, those that listen included. */
  public static final SocketFilter ALL =
      new SocketFilter(EnumSet.allOf(TcpState.class), Optional.empty(), OptionalInt.empty());

  /** Copies the states; refuses none, and a port that there is not. */
  public SocketFilter {
    if (states.isEmpty()) {
      throw new IllegalArgumentException("sockets in no state");
    }
    states = Collections.unmodifiableSet(EnumSet.copyOf(states));
    Objects.requireNonNull(remoteAddress, "remoteAddress");
    if (remotePort.isPresent() && (remotePort.getAsInt() & ~LAST_PORT) != 0) {
      throw new IllegalArgumentException("there is no port " + remotePort.getAsInt());
    }
  }

  /** All sockets in certain states. */
  public static SocketFilter in(TcpState first, TcpState... more) {
    return new SocketFilter(EnumSet.of(first, more), Optional.empty(), OptionalInt.empty());
  }

  /** Of these, the ones whose other side has this address. */
  public SocketFilter to(InetAddress address) {
    return new SocketFilter(states, Optional.of(address), remotePort);
  }

  /** Of these, the ones whose other side has this address and port. */
  public SocketFilter to(InetSocketAddress address) {
    if (address.isUnresolved()) {
      throw new IllegalArgumentException(address + " is not resolved");
    }
    return to(address.getAddress()).toPort(address.getPort());
  }

  /** Of these, the ones whose other side has this port. */
  public SocketFilter toPort(int port) {
    return new SocketFilter(states, remoteAddress, OptionalInt.of(port));
  }
}
