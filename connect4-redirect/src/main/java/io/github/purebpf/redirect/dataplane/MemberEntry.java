package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.insn.Field;
import io.github.purebpf.layout.Struct;

/**
 * A server in the set of a virtual address: an element of the array {@code members}.
 *
 * @param backend its index among the {@link BackendEntry}s
 * @param weight its share, 1 to 65,535
 * @param cumulative the weights of the members up to this one, which it ends
 */
record MemberEntry(int backend, int weight, int cumulative, int spare) {
  static final Struct<MemberEntry> STRUCT = Struct.of(MemberEntry.class);
  static final Field<MemberEntry> BACKEND = STRUCT.field("backend");
  static final Field<MemberEntry> WEIGHT = STRUCT.field("weight");
  static final Field<MemberEntry> CUMULATIVE = STRUCT.field("cumulative");
}
