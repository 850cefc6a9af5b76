package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.insn.Field;
import io.github.purebpf.layout.Struct;

/**
 * What programs report of a connection in the ring buffer {@code events}, as long as somebody
 * listens.
 *
 * @param kind {@link #ESTABLISHED} and so on
 * @param at when, in nanoseconds of {@code CLOCK_MONOTONIC}
 * @param vip the eight bytes of the {@link VipKey} that was connected to
 * @param server where it went, see {@link ServerWord}; 0 if there was none
 * @param cgroup the id of the cgroup of the thread that connected
 * @param process its process in the high half, the thread in the low one; 0 if it is not known
 * @param since when it connected, in nanoseconds of {@code CLOCK_MONOTONIC}
 */
record EventEntry(
    long kind, long at, long vip, long server, long cgroup, long process, long since) {
  static final int ESTABLISHED = 1;
  static final int FAILED = 2;
  static final int CLOSED = 3;
  static final int REFUSED = 4;

  static final Struct<EventEntry> STRUCT = Struct.of(EventEntry.class);
  static final Field<EventEntry> KIND = STRUCT.field("kind");
  static final Field<EventEntry> AT = STRUCT.field("at");
  static final Field<EventEntry> VIP = STRUCT.field("vip");
  static final Field<EventEntry> SERVER = STRUCT.field("server");
  static final Field<EventEntry> CGROUP = STRUCT.field("cgroup");
  static final Field<EventEntry> PROCESS = STRUCT.field("process");
  static final Field<EventEntry> SINCE = STRUCT.field("since");
}
