package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.insn.Field;
import io.github.purebpf.layout.Struct;

/**
 * How many connections a container holds to a server. Programs add entries and never remove one:
 * another program might be about to count in it.
 *
 * @param open how many
 * @param since since when it holds at least one, in nanoseconds of {@code CLOCK_MONOTONIC}
 */
record HolderEntry(long open, long since) {
  static final Struct<HolderEntry> STRUCT = Struct.of(HolderEntry.class);
  static final Field<HolderEntry> OPEN = STRUCT.field("open");
  static final Field<HolderEntry> SINCE = STRUCT.field("since");
}
