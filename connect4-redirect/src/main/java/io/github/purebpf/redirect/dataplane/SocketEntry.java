package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.insn.Field;
import io.github.purebpf.layout.Struct;

/**
 * What the kernel keeps with a socket that was redirected, in {@code sockets}.
 *
 * @param vip the eight bytes of the {@link VipKey} that it connected to
 * @param state 0 if it is not counted (any more), {@link #CONNECTING}, {@link #ESTABLISHED} or
 *     {@link #ADOPTED}. Whoever sets it to 0 takes it out of the counters, so that it leaves them
 *     once
 * @param backend the index of its server
 * @param held 1 if its container is counted in {@code holders}
 * @param cgroup the id of the cgroup of the thread that connected
 * @param process the process in the high half, the thread in the low one, as the first namespace
 *     numbers them
 * @param since when it connected, in nanoseconds of {@code CLOCK_MONOTONIC}
 */
record SocketEntry(
    long vip, long state, int backend, int held, long cgroup, long process, long since) {
  static final int CONNECTING = 1;
  static final int ESTABLISHED = 2;

  /** It was found with a connection to a server, see {@link Census}; nobody saw how it was made. */
  static final int ADOPTED = 3;

  static final Struct<SocketEntry> STRUCT = Struct.of(SocketEntry.class);
  static final Field<SocketEntry> VIP = STRUCT.field("vip");
  static final Field<SocketEntry> STATE = STRUCT.field("state");
  static final Field<SocketEntry> BACKEND = STRUCT.field("backend");
  static final Field<SocketEntry> HELD = STRUCT.field("held");
  static final Field<SocketEntry> CGROUP = STRUCT.field("cgroup");
  static final Field<SocketEntry> PROCESS = STRUCT.field("process");
  static final Field<SocketEntry> SINCE = STRUCT.field("since");
}
