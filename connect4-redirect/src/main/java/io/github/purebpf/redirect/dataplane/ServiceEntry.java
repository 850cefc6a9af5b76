package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.insn.Field;
import io.github.purebpf.layout.Struct;

/**
 * A virtual address that is redirected: an element of the array {@code services}.
 *
 * @param vip the eight bytes of its {@link VipKey}; 0 while the slot is free. A program that came
 *     here by an entry of the hash map that was recycled for another address sees that it differs
 * @param head what a connect needs, in one word, so that it changes in one piece: see {@link Head}
 * @param probes how the connection is probed, see {@link Probes}; 0 to leave that to the client
 * @param cursor how many connects were given out in turn
 * @param refused how many connects found no server
 * @param untracked how many connections could not be counted for want of memory
 */
record ServiceEntry(
    long vip,
    long head,
    long probes,
    long cursor,
    long refused,
    long untracked,
    long spare,
    long spare2) {
  static final Struct<ServiceEntry> STRUCT = Struct.of(ServiceEntry.class);
  static final Field<ServiceEntry> VIP = STRUCT.field("vip");
  static final Field<ServiceEntry> HEAD = STRUCT.field("head");
  static final Field<ServiceEntry> PROBES = STRUCT.field("probes");
  static final Field<ServiceEntry> CURSOR = STRUCT.field("cursor");
  static final Field<ServiceEntry> REFUSED = STRUCT.field("refused");
  static final Field<ServiceEntry> UNTRACKED = STRUCT.field("untracked");
}
