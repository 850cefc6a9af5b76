package io.github.purebpf.bpf.sockdiag;

import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * A TCP socket as it was when the kernel was asked ({@code struct inet_diag_msg}).
 *
 * <p>Sockets of the JDK are of the family INET6 unless told otherwise, and reach an IPv4 address as
 * the mapped {@code ::ffff:a.b.c.d}. The addresses of such a socket are {@link Inet4Address}, as
 * everywhere in the JDK; {@link #isMapped} tells it from one of the family INET.
 *
 * @param family INET or INET6
 * @param state its state
 * @param local its address and port
 * @param remote the address and port of the other side; the wildcard and port 0 if there is none
 * @param interfaceIndex the network interface that it is bound to; 0 for none
 * @param cookie a number that no other socket has until the machine is started again ({@code
 *     SO_COOKIE}, {@code bpf_get_socket_cookie})
 * @param inode the number in {@code socket:[…]} of {@code /proc/PID/fd}; 0 if no process has it
 *     open
 * @param uid the user that made it, as this user namespace calls it; 0 where there is no inode
 * @param cgroupId the cgroup2 that it was made in, the inode of the directory; empty in the states
 *     TIME_WAIT and SYN_RECV, and before Linux 5.8
 */
public record TcpSocket(
    StandardProtocolFamily family,
    TcpState state,
    InetSocketAddress local,
    InetSocketAddress remote,
    int interfaceIndex,
    long cookie,
    long inode,
    int uid,
    OptionalLong cgroupId) {

  /** Refuses nulls, other families, names without an address, and IPv6 addresses in INET. */
  public TcpSocket {
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(cgroupId, "cgroupId");
    if (family != StandardProtocolFamily.INET && family != StandardProtocolFamily.INET6) {
      throw new IllegalArgumentException("a TCP socket of the family " + family);
    }
    requireAddress(family, local);
    requireAddress(family, remote);
  }

  private static void requireAddress(StandardProtocolFamily family, InetSocketAddress address) {
    if (address.isUnresolved()) {
      throw new IllegalArgumentException(address + " is not resolved");
    }
    if (family == StandardProtocolFamily.INET && !(address.getAddress() instanceof Inet4Address)) {
      throw new IllegalArgumentException(address + " is no address of the family INET");
    }
  }

  /** Whether it is of the family INET6 and talks to an IPv4 address. */
  public boolean isMapped() {
    return family == StandardProtocolFamily.INET6 && remote.getAddress() instanceof Inet4Address;
  }

  /** How messages call it. */
  String title() {
    return "the socket " + text(local) + " to " + text(remote);
  }

  private static String text(InetSocketAddress address) {
    String ip = address.getAddress().getHostAddress();
    return (ip.contains(":") ? "[" + ip + "]" : ip) + ":" + address.getPort();
  }
}
