package io.github.purebpf.redirect;

import java.time.Duration;
import java.time.Instant;

/** Something that happened to a connection to a virtual address. */
public sealed interface ConnectionEvent {
  /** When, to the nanosecond by the kernel's clock. */
  Instant at();

  /** What the program connected to. */
  VirtualAddress vip();

  /** Who connected. */
  Client client();

  /**
   * Who connected.
   *
   * @param cgroup the id of its cgroup, which is the inode number of the cgroup's folder
   * @param process its process id as the first pid namespace numbers them, also if this process is
   *     in another; 0 if the kernel does not tell it (before Linux 6.10, it may not)
   * @param thread the id of its thread, likewise
   */
  record Client(long cgroup, int process, int thread) {}

  /**
   * A connection was made.
   *
   * @param server where
   * @param latency from the connect to the end of the handshake
   */
  record Established(Instant at, VirtualAddress vip, Server server, Client client, Duration latency)
      implements ConnectionEvent {}

  /**
   * A connection could not be made: it was refused, unreachable, timed out, or given up.
   *
   * @param server where
   * @param after how long after the connect. What could not even be sent, for want of a route for
   *     instance, fails when its socket is closed or connects again
   */
  record Failed(Instant at, VirtualAddress vip, Server server, Client client, Duration after)
      implements ConnectionEvent {}

  /**
   * A connection ended: its last descriptor was closed, or TCP ended it, whichever came first.
   *
   * @param server where it was
   * @param lasted from the connect on
   */
  record Closed(Instant at, VirtualAddress vip, Server server, Client client, Duration lasted)
      implements ConnectionEvent {}

  /** A connect found no server; what became of it says {@link Service#noServer}. */
  record Refused(Instant at, VirtualAddress vip, Client client) implements ConnectionEvent {}
}
