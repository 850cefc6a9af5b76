package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.insn.Field;
import io.github.purebpf.layout.Struct;

/**
 * A server that a {@link Census} looks for connections to.
 *
 * @param vip the eight bytes of the {@link VipKey} that its connections are counted for
 * @param backend its index
 * @param found how many connections were taken in
 */
record CensusTarget(long vip, long backend, long found) {
  static final Struct<CensusTarget> STRUCT = Struct.of(CensusTarget.class);
  static final Field<CensusTarget> VIP = STRUCT.field("vip");
  static final Field<CensusTarget> BACKEND = STRUCT.field("backend");
  static final Field<CensusTarget> FOUND = STRUCT.field("found");

  /**
   * What it is looked up by.
   *
   * @param server the {@link ServerWord} that a socket is connected to
   * @param vip what it connected to, as is known of one that was counted before; else 0
   */
  record Key(long server, long vip) {
    static final Struct<Key> STRUCT = Struct.of(Key.class);
    static final Field<Key> SERVER = STRUCT.field("server");
    static final Field<Key> VIP = STRUCT.field("vip");
  }
}
